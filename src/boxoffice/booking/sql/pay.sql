-- Pays holds of one event: each before its own deadline, on the database's clock.
--
-- $1 event_id, $2 reservation ids, $3 payment references
--
-- Returns a row for each reservation that exists, as it stood when it was locked, and whether this statement paid it.
--
-- Locks: reservation FOR NO KEY UPDATE, by id. The clock is read after each row is locked: a payment that waited beyond
-- the deadline is refused, and exactly one of payment and expiry wins.
WITH wanted AS (
    SELECT w.id, w.payment_ref FROM unnest($2::uuid[], $3::text[]) AS w (id, payment_ref)
), locked AS MATERIALIZED (
    SELECT r.id, r.date, r.start_time, r.payment_ref, r.created_at, r.expires_at, r.paid_at
    FROM reservation r
    WHERE r.event_id = $1 AND r.id = ANY ($2::uuid[])
    ORDER BY r.id
    FOR NO KEY UPDATE
), judged AS MATERIALIZED (
    SELECT locked.*, clock_timestamp() AS judged_at FROM locked
), paid AS (
    UPDATE reservation r
    SET payment_ref = w.payment_ref, paid_at = j.judged_at
    FROM judged j
    JOIN wanted w ON w.id = j.id
    WHERE r.event_id = $1 AND r.id = j.id AND j.paid_at IS NULL AND j.judged_at < j.expires_at
    RETURNING r.id, r.payment_ref, r.paid_at
)
SELECT
    j.id, j.date, j.start_time, j.created_at, j.expires_at,
    coalesce(p.payment_ref, j.payment_ref) AS payment_ref,
    coalesce(p.paid_at, j.paid_at) AS paid_at,
    t.ids AS ticket_ids,
    t.types AS ticket_types
FROM judged j
LEFT JOIN paid p ON p.id = j.id
CROSS JOIN LATERAL (
    SELECT array_agg(k.id ORDER BY k.id) AS ids, array_agg(k.ticket_type ORDER BY k.id) AS types
    FROM tickets k
    WHERE k.event_id = $1 AND k.reservation_id = j.id
) t
