-- Audit, check 1: finds shards of an event's types that are out of bounds or are not the tickets that remember them.
--
-- $1 event_id, $2 rows at most
--
-- Locks nothing. Reads all of the event's consumption_tt and tickets. A shard that is missing has no number at all, which
-- differs from any number of tickets that remember it.
WITH sold AS (
    SELECT t.date, t.start_time, t.ticket_type, t.tt_shard_id AS shard_id, count(*) AS tickets
    FROM tickets t
    WHERE t.event_id = $1
    GROUP BY t.date, t.start_time, t.ticket_type, t.tt_shard_id
), counters AS (
    SELECT c.date, c.start_time, c.ticket_type, c.shard_id, c.shard_current, c.shard_max
    FROM consumption_tt c
    WHERE c.event_id = $1
)
SELECT date, start_time, ticket_type, shard_id, NULL::uuid AS reservation_id, v.what, v.expected, v.found
FROM counters c
FULL JOIN sold s USING (date, start_time, ticket_type, shard_id)
CROSS JOIN LATERAL (
    VALUES
        ('the counter is not the number of tickets that remember it', coalesce(s.tickets, 0), c.shard_current::bigint,
            c.shard_current IS DISTINCT FROM coalesce(s.tickets, 0)),
        ('the counter is below 0', 0, c.shard_current, c.shard_current < 0),
        ('the counter is above its maximum', c.shard_max, c.shard_current, c.shard_current > c.shard_max)
) AS v (what, expected, found, wrong)
WHERE v.wrong
ORDER BY date, start_time, ticket_type, shard_id, v.what
LIMIT $2
