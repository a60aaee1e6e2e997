-- Puts the tickets of unpaid reservations of one event back on sale and removes the reservations.
--
-- $1 event_id, $2 reservation ids, $3 which of them go: 'held' (their buyers let go) or 'overdue' (their time is over)
--
-- Returns one row: each reservation that exists with its state, and how much went back into which shard.
--
-- Locks, in this order: reservation by id, consumption by (date, start_time, shard), consumption_tt by (date,
-- start_time, type, shard), tickets. FOR NO KEY UPDATE.
--
-- A reshard may re-label the tickets while this statement waits for the counters. The DELETE returns the labels as they
-- are then; where they differ from the counters that were locked, less moves than was deleted, and the last line
-- divides by zero (22012): nothing happened, and a repeat reads the new labels.
--
-- IS TRUE keeps the two IN from being planned as joins: the planner expects one row of each step, takes nested loops, and
-- a large batch then compares every counter with every other. They stand in steps of their own because a row that is
-- moved after a wait has its conditions judged anew (EvalPlanQual), where they would run the steps before them again.
WITH leaving AS MATERIALIZED (
    SELECT r.id, r.paid_at, r.expires_at
    FROM reservation r
    WHERE r.event_id = $1 AND r.id = ANY ($2::uuid[])
    ORDER BY r.id
    FOR NO KEY UPDATE
), judged AS MATERIALIZED (
    SELECT
        id,
        CASE WHEN paid_at IS NOT NULL THEN 'paid' WHEN expires_at <= clock_timestamp() THEN 'overdue' ELSE 'held' END
            AS state
    FROM leaving
), labels AS MATERIALIZED (
    SELECT t.reservation_id, t.id, t.date, t.start_time, t.ticket_type, t.shard_id, t.tt_shard_id
    FROM judged j
    JOIN tickets t ON t.event_id = $1 AND t.reservation_id = j.id
    WHERE j.state = $3
), locked_total AS MATERIALIZED (
    SELECT c.date, c.start_time, c.shard_id
    FROM (SELECT DISTINCT date, start_time, shard_id FROM labels) l
    JOIN consumption c ON c.event_id = $1
        AND c.date = l.date AND c.start_time = l.start_time AND c.shard_id = l.shard_id
    ORDER BY c.date, c.start_time, c.shard_id
    FOR NO KEY UPDATE OF c
), locked_tt AS MATERIALIZED (
    SELECT c.date, c.start_time, c.ticket_type, c.shard_id
    FROM (SELECT DISTINCT date, start_time, ticket_type, tt_shard_id FROM labels) l
    JOIN consumption_tt c ON c.event_id = $1
        AND c.date = l.date AND c.start_time = l.start_time
        AND c.ticket_type = l.ticket_type AND c.shard_id = l.tt_shard_id
    WHERE (SELECT count(*) FROM locked_total) >= 0
    ORDER BY c.date, c.start_time, c.ticket_type, c.shard_id
    FOR NO KEY UPDATE OF c
), removed AS (
    DELETE FROM tickets t
    USING labels l
    WHERE t.event_id = $1 AND t.reservation_id = l.reservation_id AND t.id = l.id
        AND (SELECT count(*) FROM locked_tt) >= 0
    RETURNING t.date, t.start_time, t.ticket_type, t.shard_id, t.tt_shard_id
), returned_total AS MATERIALIZED (
    SELECT date, start_time, shard_id, count(*)::integer AS quantity
    FROM removed
    WHERE ((date, start_time, shard_id) IN (SELECT date, start_time, shard_id FROM locked_total)) IS TRUE
    GROUP BY 1, 2, 3
), returned_tt AS MATERIALIZED (
    SELECT date, start_time, ticket_type, tt_shard_id AS shard_id, count(*)::integer AS quantity
    FROM removed
    WHERE (
        (date, start_time, ticket_type, tt_shard_id)
        IN (SELECT date, start_time, ticket_type, shard_id FROM locked_tt)
    ) IS TRUE
    GROUP BY 1, 2, 3, 4
), moved_total AS (
    UPDATE consumption c
    SET shard_current = c.shard_current - q.quantity
    FROM returned_total q
    WHERE c.event_id = $1 AND c.date = q.date AND c.start_time = q.start_time AND c.shard_id = q.shard_id
        AND c.shard_current >= q.quantity
    RETURNING c.date, c.start_time, c.shard_id, q.quantity
), moved_tt AS (
    UPDATE consumption_tt c
    SET shard_current = c.shard_current - q.quantity
    FROM returned_tt q
    WHERE c.event_id = $1 AND c.date = q.date AND c.start_time = q.start_time
        AND c.ticket_type = q.ticket_type AND c.shard_id = q.shard_id
        AND c.shard_current >= q.quantity
    RETURNING c.date, c.start_time, c.ticket_type, c.shard_id, q.quantity
), gone AS (
    DELETE FROM reservation r
    USING judged j
    WHERE r.event_id = $1 AND r.id = j.id AND j.state = $3 AND (SELECT count(*) FROM removed) >= 0
    RETURNING r.id
)
SELECT
    (SELECT array_agg(id) FROM gone) AS gone_ids,
    (SELECT array_agg(id) FROM judged WHERE state = 'paid') AS paid_ids,
    t.dates AS total_dates, t.start_times AS total_start_times, t.shards AS total_shards,
    t.quantities AS total_quantities,
    k.dates AS tt_dates, k.start_times AS tt_start_times, k.types AS tt_types, k.shards AS tt_shards,
    k.quantities AS tt_quantities,
    1 / (
        CASE
            WHEN t.tickets = (SELECT count(*) FROM labels) AND k.tickets = (SELECT count(*) FROM labels)
            THEN 1
            ELSE 0
        END
    ) AS whole
FROM (
    SELECT array_agg(date) AS dates, array_agg(start_time) AS start_times, array_agg(shard_id) AS shards,
        array_agg(quantity) AS quantities, coalesce(sum(quantity), 0) AS tickets
    FROM moved_total
) t
CROSS JOIN (
    SELECT array_agg(date) AS dates, array_agg(start_time) AS start_times, array_agg(ticket_type) AS types,
        array_agg(shard_id) AS shards, array_agg(quantity) AS quantities, coalesce(sum(quantity), 0) AS tickets
    FROM moved_tt
) k
