-- Audit, check 2: finds dates whose shards are not 0 to n-1, or whose maxima do not add up to the event's max_tickets.
--
-- $1 event_id, $2 rows at most
--
-- Locks nothing. Reads the event, its dates and all of its consumption. Shard ids are unique (the key), so that n of
-- them from 0 to n-1 are all of them. Shards of a date that is missing differ from the no shards that it should have.
WITH dates AS (
    SELECT d.date, d.start_time, e.num_shards, e.max_tickets
    FROM event_date d
    JOIN events e ON e.id = $1
    WHERE d.event_id = $1
), counters AS (
    SELECT c.date, c.start_time, count(*) AS shards, min(c.shard_id) AS first_shard, max(c.shard_id) AS last_shard,
        sum(c.shard_max) AS total_max
    FROM consumption c
    WHERE c.event_id = $1
    GROUP BY c.date, c.start_time
)
SELECT date, start_time, NULL::bigint AS ticket_type, NULL::integer AS shard_id, NULL::uuid AS reservation_id,
    v.what, v.expected, v.found
FROM dates d
FULL JOIN counters c USING (date, start_time)
CROSS JOIN LATERAL (
    VALUES
        ('the date has not as many shards as its event', d.num_shards::bigint, coalesce(c.shards, 0),
            d.num_shards IS DISTINCT FROM coalesce(c.shards, 0)),
        ('the first shard is not 0', 0, c.first_shard, c.first_shard <> 0),
        ('the last shard is not n-1', d.num_shards - 1, c.last_shard, c.last_shard <> d.num_shards - 1),
        ('the maxima of the shards do not add up to the limit', d.max_tickets, c.total_max,
            d.max_tickets IS DISTINCT FROM c.total_max)
) AS v (what, expected, found, wrong)
WHERE v.wrong
ORDER BY date, start_time, v.what
LIMIT $2
