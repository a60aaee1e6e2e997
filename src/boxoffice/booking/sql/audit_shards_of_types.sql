-- Audit, check 2: finds types of dates whose shards are not 0 to n-1, or whose maxima do not add up to max_per_tt.
--
-- $1 event_id, $2 rows at most
--
-- Locks nothing. Reads the event's types and dates and all of its consumption_tt. Each date has each type that the event
-- offers. A type without limit has no shard with a maximum, one with a limit no shard without.
WITH offered AS (
    SELECT d.date, d.start_time, t.ticket_type_id AS ticket_type, t.num_of_shards_per_tt AS num_shards, t.max_per_tt
    FROM event_date d
    JOIN event_ticket_type t ON t.event_id = $1
    WHERE d.event_id = $1
), counters AS (
    SELECT c.date, c.start_time, c.ticket_type, count(*) AS shards, min(c.shard_id) AS first_shard,
        max(c.shard_id) AS last_shard, sum(c.shard_max) AS total_max, count(c.shard_max) AS shards_with_max
    FROM consumption_tt c
    WHERE c.event_id = $1
    GROUP BY c.date, c.start_time, c.ticket_type
)
SELECT date, start_time, ticket_type, NULL::integer AS shard_id, NULL::uuid AS reservation_id,
    v.what, v.expected, v.found
FROM offered o
FULL JOIN counters c USING (date, start_time, ticket_type)
CROSS JOIN LATERAL (
    VALUES
        ('the type has not as many shards as its event offers it with', o.num_shards::bigint, coalesce(c.shards, 0),
            o.num_shards IS DISTINCT FROM coalesce(c.shards, 0)),
        ('the first shard is not 0', 0, c.first_shard, c.first_shard <> 0),
        ('the last shard is not n-1', o.num_shards - 1, c.last_shard, c.last_shard <> o.num_shards - 1),
        ('the maxima of the shards do not add up to the limit', o.max_per_tt, c.total_max,
            o.max_per_tt IS DISTINCT FROM c.total_max),
        ('some shards have a maximum and some have none', c.shards, c.shards_with_max,
            c.shards_with_max NOT IN (0, c.shards))
) AS v (what, expected, found, wrong)
WHERE v.wrong
ORDER BY date, start_time, ticket_type, v.what
LIMIT $2
