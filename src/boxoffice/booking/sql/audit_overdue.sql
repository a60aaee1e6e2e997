-- Audit, check 5: finds dates with unpaid reservations that should have been given back by now.
--
-- $1 event_id, $2 rows at most, $3 overdue holds of all events, $4 seconds that sweepers may be behind, $5 overdue
-- holds for which they get one second more (sweeper.py)
--
-- Locks nothing. Reads the event's part of the index of unpaid reservations. now() is the moment the transaction began,
-- just before its snapshot, so that a hold that was given back later is not held against the sweepers.
WITH overdue AS (
    SELECT r.date, r.start_time, count(*) AS holds, extract(epoch FROM now() - min(r.expires_at)) AS seconds,
        $4::integer + greatest($3::bigint, sum(count(*)) OVER ()) / $5::integer AS seconds_allowed
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
