-- Reads reservations by Idempotency-Key, with their tickets in order of id.
--
-- $1 event_id, $2 idempotency keys
--
-- Locks nothing. An unpaid reservation whose deadline is over is gone, whether or not a sweeper came by: it is marked
-- so by `live`, on the database's clock.
SELECT
    r.id, r.date, r.start_time, r.payment_ref, r.created_at, r.expires_at, r.paid_at, r.idempotency_key,
    (r.paid_at IS NOT NULL OR r.expires_at > clock_timestamp()) AS live,
    t.ids AS ticket_ids,
    t.types AS ticket_types
FROM reservation r
CROSS JOIN LATERAL (
    SELECT array_agg(k.id ORDER BY k.id) AS ids, array_agg(k.ticket_type ORDER BY k.id) AS types
    FROM tickets k
    WHERE k.event_id = $1 AND k.reservation_id = r.id
) t
WHERE r.event_id = $1 AND r.idempotency_key = ANY ($2::text[])
