-- Reads a batch of overdue holds of one event, by deadline.
--
-- $1 event_id, $2 rows at most
--
-- Locks nothing: give_back.sql locks them, by id, waiting for whoever else is giving them back.
SELECT r.id
FROM reservation r
WHERE r.event_id = $1 AND r.paid_at IS NULL AND r.expires_at <= now()
ORDER BY r.expires_at
LIMIT $2
