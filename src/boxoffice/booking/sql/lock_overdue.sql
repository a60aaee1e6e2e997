-- Takes a batch of overdue holds of one event for this transaction, leaving out those that another sweeper has.
--
-- $1 event_id, $2 rows at most, $3 no deadline before this one is left (null: unknown)
--
-- Locks: reservation FOR NO KEY UPDATE SKIP LOCKED, by deadline; nothing waits here, so the order cannot deadlock.
SELECT r.id, r.expires_at
FROM reservation r
WHERE r.event_id = $1 AND r.paid_at IS NULL AND r.expires_at <= now()
    AND r.expires_at >= coalesce($3::timestamptz, '-infinity')
ORDER BY r.expires_at
LIMIT $2
FOR NO KEY UPDATE SKIP LOCKED
