-- Moves the counters of a flight in a distributed database: the second of three steps of hold_in_steps.py.
--
-- $1 event_id
-- dates, each once: $2 dates, $3 start times
-- reservations: $4 ids, $5 which of the dates, counted from 1, $6 ids of those that were claimed
-- tickets, one element each: $7 reservation ids, $8 ticket types, $9 shards of the total, $10 shards of the type
--
-- Returns one row: the version of each date (null: missing), the room that is left in each counter that moved, and how
-- many tickets the counters that moved and those that were wanted are for; where these differ, all is to be undone.
--
-- Locks, in this order: consumption by (date, start_time, shard), consumption_tt by (date, start_time, type, shard).
WITH planned AS MATERIALIZED (
    SELECT k.date, k.start_time, t.ticket_type, t.shard_id, t.tt_shard_id
    FROM unnest($7::uuid[], $8::bigint[], $9::integer[], $10::integer[])
        AS t (reservation_id, ticket_type, shard_id, tt_shard_id)
    JOIN unnest($4::uuid[], $5::integer[]) AS w (id, number) ON w.id = t.reservation_id
    JOIN unnest($2::date[], $3::time[]) WITH ORDINALITY AS k (date, start_time, number) ON k.number = w.number
    WHERE t.reservation_id = ANY ($6::uuid[])
), wanted_total AS MATERIALIZED (
    SELECT date, start_time, shard_id, count(*)::integer AS quantity FROM planned GROUP BY date, start_time, shard_id
), wanted_tt AS MATERIALIZED (
    SELECT date, start_time, ticket_type, tt_shard_id, count(*)::integer AS quantity
    FROM planned
    GROUP BY date, start_time, ticket_type, tt_shard_id
), locked_total AS MATERIALIZED (
    SELECT c.shard_id
    FROM wanted_total w
    JOIN consumption c ON c.event_id = $1
        AND c.date = w.date AND c.start_time = w.start_time AND c.shard_id = w.shard_id
    ORDER BY c.date, c.start_time, c.shard_id
    FOR NO KEY UPDATE OF c
), locked_tt AS MATERIALIZED (
    SELECT c.shard_id
    FROM wanted_tt w
    JOIN consumption_tt c ON c.event_id = $1
        AND c.date = w.date AND c.start_time = w.start_time
        AND c.ticket_type = w.ticket_type AND c.shard_id = w.tt_shard_id
    WHERE (SELECT count(*) FROM locked_total) >= 0
    ORDER BY c.date, c.start_time, c.ticket_type, c.shard_id
    FOR NO KEY UPDATE OF c
), moved_total AS (
    UPDATE consumption c
    SET shard_current = c.shard_current + w.quantity
    FROM wanted_total w
    WHERE c.event_id = $1 AND c.date = w.date AND c.start_time = w.start_time AND c.shard_id = w.shard_id
        AND (SELECT count(*) FROM locked_tt) >= 0
        AND c.shard_current + w.quantity <= c.shard_max
    RETURNING c.date, c.start_time, c.shard_id, c.shard_max - c.shard_current AS room, w.quantity
), moved_tt AS (
    UPDATE consumption_tt c
    SET shard_current = c.shard_current + w.quantity
    FROM wanted_tt w
    WHERE c.event_id = $1 AND c.date = w.date AND c.start_time = w.start_time
        AND c.ticket_type = w.ticket_type AND c.shard_id = w.tt_shard_id
        AND (SELECT count(*) FROM locked_tt) >= 0
        AND (c.shard_max IS NULL OR c.shard_current + w.quantity <= c.shard_max)
    RETURNING c.date, c.start_time, c.ticket_type, c.shard_id, c.shard_max - c.shard_current AS room, w.quantity
)
SELECT
    (
        SELECT array_agg(d.version ORDER BY k.number)
        FROM unnest($2::date[], $3::time[]) WITH ORDINALITY AS k (date, start_time, number)
        LEFT JOIN event_date d ON d.event_id = $1 AND d.date = k.date AND d.start_time = k.start_time
    ) AS versions,
    t.dates AS total_dates, t.start_times AS total_start_times, t.shards AS total_shards, t.rooms AS total_rooms,
    k.dates AS tt_dates, k.start_times AS tt_start_times, k.types AS tt_types, k.shards AS tt_shards,
    k.rooms AS tt_rooms,
    (SELECT count(*) FROM planned) AS wanted,
    least(t.tickets, k.tickets) AS moved
FROM (
    SELECT array_agg(date) AS dates, array_agg(start_time) AS start_times, array_agg(shard_id) AS shards,
        array_agg(room) AS rooms, coalesce(sum(quantity), 0) AS tickets
    FROM moved_total
) t
CROSS JOIN (
    SELECT array_agg(date) AS dates, array_agg(start_time) AS start_times, array_agg(ticket_type) AS types,
        array_agg(shard_id) AS shards, array_agg(room) AS rooms, coalesce(sum(quantity), 0) AS tickets
    FROM moved_tt
) k
