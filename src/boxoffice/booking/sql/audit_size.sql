-- Counts what an event has, for the audit's report; no row when there is no such event.
--
-- $1 event_id
--
-- Locks nothing. Reads the event's keys.
SELECT
    (SELECT count(*) FROM event_date d WHERE d.event_id = $1) AS dates,
    (SELECT count(*) FROM reservation r WHERE r.event_id = $1) AS reservations,
    (SELECT count(*) FROM tickets t WHERE t.event_id = $1) AS tickets
FROM events e
WHERE e.id = $1
