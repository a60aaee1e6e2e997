-- Names the events to audit, a page at a time.
--
-- $1 the id after which the page begins, $2 rows of the page
--
-- Locks nothing. Reads the key of events; one of the few looks over all events.
SELECT e.id FROM events e WHERE e.id > $1 ORDER BY e.id LIMIT $2
