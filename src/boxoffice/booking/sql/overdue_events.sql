-- Names the events that have overdue holds, how many, and how long the oldest of them is overdue: the sweeper's look,
-- over all events.
--
-- $1 no deadline before this one is left (null: unknown)
--
-- Locks nothing. It starts at the last deadline that was dealt with, because the index still holds dead entries of the
-- deadlines before it until they are vacuumed, and would read them at every tick.
SELECT
    r.event_id,
    count(*) AS overdue,
    max(r.expires_at) AS last_deadline,
    extract(epoch FROM now() - min(r.expires_at))::float8 AS overdue_seconds
FROM reservation r
WHERE r.paid_at IS NULL AND r.expires_at <= now() AND r.expires_at >= coalesce($1::timestamptz, '-infinity')
GROUP BY r.event_id
ORDER BY r.event_id
