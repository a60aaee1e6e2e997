-- Books a flight of holds of one event, of one date or several: all of the plan, or nothing.
--
-- $1 event_id, $2 hold_seconds
-- dates, each once: $3 dates, $4 start times
-- reservations: $5 ids, $6 idempotency keys (null: none), $7 which of the dates, counted from 1
-- tickets, one element each: $8 ids, $9 reservation ids, $10 ticket types, $11 shards of the total, $12 shards of the type
--
-- Returns one row: the reservations that were made (others met a key that is taken, or a date that is missing or
-- past), their moments, the version of each date (null: missing), and the room that is left in each counter that moved.
--
-- Locks, in this order: the keys (unique index, sorted), consumption by (date, start_time, shard), consumption_tt by
-- (date, start_time, type, shard), then through the foreign keys event_date FOR KEY SHARE. Each step reads the one
-- before it, because data-modifying CTEs run in no defined order. The lock steps read the newest version of each row,
-- and so do the conditions of the moves.
--
-- Tickets come only from counters that this statement moved. Where a counter lacks the room or is gone, fewer tickets
-- come out than the plan had: the last line then divides by zero (22012), which undoes the whole statement, keys and all.
--
-- IS TRUE keeps the two IN from being planned as joins: the planner expects few rows of each step, takes nested loops for
-- them, and a large flight then compares every ticket with every counter. As they stand, each is a hash, made once.
WITH claimed AS (
    INSERT INTO reservation (event_id, id, date, start_time, idempotency_key, created_at, expires_at)
    SELECT d.event_id, w.id, d.date, d.start_time, w.key, now(), now() + make_interval(secs => $2)
    FROM unnest($3::date[], $4::time[]) WITH ORDINALITY AS k (date, start_time, number)
    JOIN event_date d ON d.event_id = $1 AND d.date = k.date AND d.start_time = k.start_time
    JOIN unnest($5::uuid[], $6::text[], $7::integer[]) AS w (id, key, number) ON w.number = k.number
    WHERE d.starts_at > now()
    ORDER BY w.key, w.id
    ON CONFLICT (event_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id, date, start_time, created_at, expires_at
), planned AS MATERIALIZED (
    SELECT claimed.date, claimed.start_time, t.id, t.reservation_id, t.ticket_type, t.shard_id, t.tt_shard_id
    FROM unnest($8::uuid[], $9::uuid[], $10::bigint[], $11::integer[], $12::integer[])
        AS t (id, reservation_id, ticket_type, shard_id, tt_shard_id)
    JOIN claimed ON claimed.id = t.reservation_id
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
    RETURNING c.date, c.start_time, c.shard_id, c.shard_max - c.shard_current AS room
), moved_tt AS (
    UPDATE consumption_tt c
    SET shard_current = c.shard_current + w.quantity
    FROM wanted_tt w
    WHERE c.event_id = $1 AND c.date = w.date AND c.start_time = w.start_time
        AND c.ticket_type = w.ticket_type AND c.shard_id = w.tt_shard_id
        AND (SELECT count(*) FROM locked_tt) >= 0
        AND (c.shard_max IS NULL OR c.shard_current + w.quantity <= c.shard_max)
    RETURNING c.date, c.start_time, c.ticket_type, c.shard_id, c.shard_max - c.shard_current AS room
), sold AS (
    INSERT INTO tickets (event_id, id, date, start_time, ticket_type, reservation_id, shard_id, tt_shard_id)
    SELECT $1, p.id, p.date, p.start_time, p.ticket_type, p.reservation_id, p.shard_id, p.tt_shard_id
    FROM planned p
    WHERE ((p.date, p.start_time, p.shard_id) IN (SELECT date, start_time, shard_id FROM moved_total)) IS TRUE
        AND (
            (p.date, p.start_time, p.ticket_type, p.tt_shard_id)
            IN (SELECT date, start_time, ticket_type, shard_id FROM moved_tt)
        ) IS TRUE
    RETURNING id
)
SELECT
    (SELECT array_agg(id) FROM claimed) AS reservation_ids,
    (SELECT min(created_at) FROM claimed) AS created_at,
    (SELECT min(expires_at) FROM claimed) AS expires_at,
    (
        SELECT array_agg(d.version ORDER BY k.number)
        FROM unnest($3::date[], $4::time[]) WITH ORDINALITY AS k (date, start_time, number)
        LEFT JOIN event_date d ON d.event_id = $1 AND d.date = k.date AND d.start_time = k.start_time
    ) AS versions,
    (SELECT array_agg((date, start_time, shard_id, room)) FROM moved_total) AS total,
    (SELECT array_agg((date, start_time, ticket_type, shard_id, room)) FROM moved_tt) AS types,
    1 / (CASE WHEN (SELECT count(*) FROM sold) = (SELECT count(*) FROM planned) THEN 1 ELSE 0 END) AS whole
