-- Audit, check 4: finds tickets without their reservation or on another date than it, and reservations without tickets.
--
-- $1 event_id, $2 rows at most
--
-- Locks nothing. Reads all of the event's tickets and reservations.
WITH sold AS (
    SELECT t.reservation_id, t.date, t.start_time, count(*) AS tickets
    FROM tickets t
    WHERE t.event_id = $1
    GROUP BY t.reservation_id, t.date, t.start_time
), reservations AS (
    SELECT r.id, r.date, r.start_time FROM reservation r WHERE r.event_id = $1
), apart AS (
    SELECT s.date, s.start_time, s.reservation_id, 'tickets without their reservation' AS what,
        0::bigint AS expected, s.tickets AS found
    FROM sold s
    LEFT JOIN reservations r ON r.id = s.reservation_id
    WHERE r.id IS NULL
    UNION ALL
    SELECT s.date, s.start_time, s.reservation_id, 'tickets on another date than their reservation', 0, s.tickets
    FROM sold s
    JOIN reservations r ON r.id = s.reservation_id
    WHERE (s.date, s.start_time) <> (r.date, r.start_time)
    UNION ALL
    SELECT r.date, r.start_time, r.id, 'a reservation without tickets', 1, 0
    FROM reservations r
    LEFT JOIN sold s ON s.reservation_id = r.id
    WHERE s.reservation_id IS NULL
)
SELECT date, start_time, NULL::bigint AS ticket_type, NULL::integer AS shard_id, reservation_id, what, expected, found
FROM apart
ORDER BY date, start_time, reservation_id, what
LIMIT $2
