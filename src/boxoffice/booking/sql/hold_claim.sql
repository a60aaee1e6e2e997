-- Claims the reservations of a flight in a distributed database: the first of three steps of hold_in_steps.py.
--
-- $1 event_id, $2 hold_seconds
-- dates, each once: $3 dates, $4 start times
-- reservations: $5 ids, $6 idempotency keys (null: none), $7 which of the dates, counted from 1
--
-- Returns the reservations that were made; others met a key that is taken, or a date that is missing or past.
--
-- Locks, in this order: the keys (unique index, sorted), then through the foreign key event_date FOR KEY SHARE.
--
-- The rows come from event_date with all of its key, so that one node does all of it; rows of arrays alone would be
-- collected by one node and sent to another.
INSERT INTO reservation (event_id, id, date, start_time, idempotency_key, created_at, expires_at)
SELECT d.event_id, w.id, d.date, d.start_time, w.key, now(), now() + make_interval(secs => $2)
FROM event_date d
JOIN unnest($3::date[], $4::time[]) WITH ORDINALITY AS k (date, start_time, number)
    ON d.date = k.date AND d.start_time = k.start_time
JOIN unnest($5::uuid[], $6::text[], $7::integer[]) AS w (id, key, number) ON w.number = k.number
WHERE d.event_id = $1 AND d.starts_at > now()
ORDER BY w.key, w.id
ON CONFLICT (event_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING id
