-- Reads reservations by Idempotency-Key, with their tickets in order of id, for whoever is to be acknowledged them.
--
-- $1 event_id, $2 idempotency keys
--
-- Locks: reservation FOR NO KEY UPDATE, by id. Nothing is changed: the lock makes this a transaction whose commit waits,
-- as any other, for what is to be durable before it, on synchronous standbys too. Where a wait for a standby was given
-- up, a reservation can be seen before the standby has it; to read and acknowledge it would be to promise what a
-- failover loses.
--
-- An unpaid reservation whose deadline is over is gone, whether or not a sweeper came by: it is marked so by `live`, on
-- the database's clock.
WITH locked AS MATERIALIZED (
    SELECT r.id, r.date, r.start_time, r.payment_ref, r.created_at, r.expires_at, r.paid_at, r.idempotency_key
    FROM reservation r
    WHERE r.event_id = $1 AND r.idempotency_key = ANY ($2::text[])
    ORDER BY r.id
    FOR NO KEY UPDATE
)
SELECT
    r.id, r.date, r.start_time, r.payment_ref, r.created_at, r.expires_at, r.paid_at, r.idempotency_key,
    (r.paid_at IS NOT NULL OR r.expires_at > clock_timestamp()) AS live,
    t.ids AS ticket_ids,
    t.types AS ticket_types
FROM locked r
CROSS JOIN LATERAL (
    SELECT array_agg(k.id ORDER BY k.id) AS ids, array_agg(k.ticket_type ORDER BY k.id) AS types
    FROM tickets k
    WHERE k.event_id = $1 AND k.reservation_id = r.id
) t
