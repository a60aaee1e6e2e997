-- Reads everything that can decide a refusal on one date, as it was at one moment.
--
-- $1 event_id, $2 date, $3 start_time
--
-- Returns one row for a date that exists: whether it is past, its version, whether an overdue hold still sits in its
-- counters, and the room of each shard in order of shard id (of a type without limit: null).
--
-- Locks nothing. One statement sees one committed moment (MVCC), which is all that an honest refusal needs; holds that
-- are under way are not yet seen as taken, so that they refuse nobody (docs/decisions/0001).
SELECT
    d.starts_at <= now() AS past,
    d.version,
    EXISTS (
        SELECT FROM reservation r
        WHERE r.event_id = $1 AND r.date = $2 AND r.start_time = $3 AND r.paid_at IS NULL AND r.expires_at <= now()
    ) AS overdue,
    (
        SELECT array_agg(c.shard_max - c.shard_current ORDER BY c.shard_id)
        FROM consumption c
        WHERE c.event_id = $1 AND c.date = $2 AND c.start_time = $3
    ) AS total_rooms,
    t.types,
    t.rooms
FROM event_date d
CROSS JOIN LATERAL (
    SELECT
        array_agg(c.ticket_type ORDER BY c.ticket_type, c.shard_id) AS types,
        array_agg(c.shard_max - c.shard_current ORDER BY c.ticket_type, c.shard_id) AS rooms
    FROM consumption_tt c
    WHERE c.event_id = $1 AND c.date = $2 AND c.start_time = $3
) t
WHERE d.event_id = $1 AND d.date = $2 AND d.start_time = $3
