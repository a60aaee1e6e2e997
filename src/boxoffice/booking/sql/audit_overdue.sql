-- Audit, check 5: finds dates with unpaid reservations that should have been given back by now.
--
-- $1 event_id, $2 rows at most, $3 overdue holds of all events
--
-- Locks nothing. Reads the event's part of the index of unpaid reservations. now() is the moment the transaction began,
-- just before its snapshot, so that a hold that was given back later is not held against the sweepers. They may be 2 s
-- behind, and 1 s more for every 6,000 holds overdue.
WITH overdue AS (
    SELECT r.date, r.start_time, count(*) AS holds, extract(epoch FROM now() - min(r.expires_at)) AS seconds,
        2 + greatest($3::bigint, sum(count(*)) OVER ()) / 6000 AS seconds_allowed
    FROM reservation r
    WHERE r.event_id = $1 AND r.paid_at IS NULL AND r.expires_at <= now()
    GROUP BY r.date, r.start_time
)
SELECT date, start_time, NULL::bigint AS ticket_type, NULL::integer AS shard_id, NULL::uuid AS reservation_id,
    format('%s unpaid reservations overdue, the oldest by more seconds than sweepers need', holds) AS what,
    floor(seconds_allowed)::bigint AS expected, ceil(seconds)::bigint AS found
FROM overdue
WHERE seconds > seconds_allowed
ORDER BY date, start_time
LIMIT $2
