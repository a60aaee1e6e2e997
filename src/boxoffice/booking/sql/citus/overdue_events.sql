-- Names the events that have overdue holds on those nodes of Citus that can be reached: the sweeper's look where the one
-- over all events fails, as overdue_events.sql tells it.
--
-- $1 no deadline before this one is left (null: unknown)
--
-- Locks nothing. Each part of the table is asked by itself, and those whose node is lost are left out.
SELECT
    (e.of_event ->> 'event_id')::bigint AS event_id,
    (e.of_event ->> 'overdue')::bigint AS overdue,
    (e.of_event ->> 'last_deadline')::timestamptz AS last_deadline,
    (e.of_event ->> 'overdue_seconds')::float8 AS overdue_seconds
FROM run_command_on_shards(
    'reservation',
    format(
        $command$
            SELECT coalesce(json_agg(o), '[]')
            FROM (
                SELECT r.event_id, count(*) AS overdue, max(r.expires_at) AS last_deadline,
                    extract(epoch FROM now() - min(r.expires_at)) AS overdue_seconds
                FROM %%s r
                WHERE r.paid_at IS NULL AND r.expires_at <= now() AND r.expires_at >= %L
                GROUP BY r.event_id
            ) o
        $command$,
        coalesce($1::timestamptz, '-infinity')
    )
) p
CROSS JOIN LATERAL json_array_elements(CASE WHEN p.success THEN p.result::json ELSE '[]' END) AS e (of_event)
ORDER BY 1
