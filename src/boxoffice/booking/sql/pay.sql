-- Pays holds of one event: each before its own deadline, on the database's clock.
--
-- $1 event_id, $2 reservation ids, $3 payment references
--
-- Returns a row for each reservation that exists, as it stood when it was locked, and whether this statement paid it.
--
-- Locks: reservation FOR NO KEY UPDATE, by id. The clock is read after each row is locked: a payment that waited beyond
-- the deadline is refused, and exactly one of payment and expiry wins.
--
-- References are looked up by position and payments by a hash, not joined: the planner expects one row of each step,
-- takes nested loops for joins, and a large flight then compares every payment with every other.
WITH locked AS MATERIALIZED (
    SELECT r.id, r.date, r.start_time, r.payment_ref, r.created_at, r.expires_at, r.paid_at
    FROM reservation r
    WHERE r.event_id = $1 AND r.id = ANY ($2::uuid[])
    ORDER BY r.id
    FOR NO KEY UPDATE
), judged AS MATERIALIZED (
    SELECT locked.*, clock_timestamp() AS judged_at, ($3::text[])[array_position($2::uuid[], id)] AS offered_ref
    FROM locked
), paid AS (
    UPDATE reservation r
    SET payment_ref = j.offered_ref, paid_at = j.judged_at
    FROM judged j
    WHERE r.event_id = $1 AND r.id = j.id AND j.paid_at IS NULL AND j.judged_at < j.expires_at
    RETURNING r.id
)
SELECT
    j.id, j.date, j.start_time, j.created_at, j.expires_at,
    coalesce(j.payment_ref, CASE WHEN j.id IN (SELECT id FROM paid) THEN j.offered_ref END) AS payment_ref,
    coalesce(j.paid_at, CASE WHEN j.id IN (SELECT id FROM paid) THEN j.judged_at END) AS paid_at,
    t.ids AS ticket_ids,
    t.types AS ticket_types
FROM judged j
CROSS JOIN LATERAL (
    SELECT array_agg(k.id ORDER BY k.id) AS ids, array_agg(k.ticket_type ORDER BY k.id) AS types
    FROM tickets k
    WHERE k.event_id = $1 AND k.reservation_id = j.id
) t
