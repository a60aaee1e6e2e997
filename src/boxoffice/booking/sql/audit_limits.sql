-- Audit, check 3: finds dates with more tickets than max_tickets, or of one type more than max_per_tt.
--
-- $1 event_id, $2 rows at most
--
-- Locks nothing. Reads the event, its types and all of its tickets; no counter: this is what buyers hold.
WITH sold AS (
    SELECT t.date, t.start_time, t.ticket_type, count(*) AS tickets
    FROM tickets t
    WHERE t.event_id = $1
    GROUP BY t.date, t.start_time, t.ticket_type
), too_many AS (
    SELECT s.date, s.start_time, NULL::bigint AS ticket_type, 'more tickets than the event may sell' AS what,
        e.max_tickets::bigint AS expected, sum(s.tickets)::bigint AS found
    FROM sold s
    JOIN events e ON e.id = $1
    GROUP BY s.date, s.start_time, e.max_tickets
    HAVING sum(s.tickets) > e.max_tickets
    UNION ALL
    SELECT s.date, s.start_time, s.ticket_type, 'more tickets than the type may sell', o.max_per_tt, s.tickets
    FROM sold s
    JOIN event_ticket_type o ON o.event_id = $1 AND o.ticket_type_id = s.ticket_type
    WHERE s.tickets > o.max_per_tt
)
SELECT date, start_time, ticket_type, NULL::integer AS shard_id, NULL::uuid AS reservation_id, what, expected, found
FROM too_many
ORDER BY date, start_time, ticket_type NULLS FIRST
LIMIT $2
