-- Counts the overdue holds of all events, which the sweepers share: how many seconds they may be behind.
--
-- Locks nothing. Reads the index of unpaid reservations; one of the few looks over all events.
SELECT count(*) AS holds FROM reservation r WHERE r.paid_at IS NULL AND r.expires_at <= now()
