-- Reads a batch of overdue holds of one date, by deadline.
--
-- $1 event_id, $2 date, $3 start_time, $4 rows at most
--
-- Locks nothing: give_back.sql locks them, by id, waiting for whoever else is giving them back.
SELECT r.id
FROM reservation r
WHERE r.event_id = $1 AND r.date = $2 AND r.start_time = $3 AND r.paid_at IS NULL AND r.expires_at <= now()
ORDER BY r.expires_at
LIMIT $4
