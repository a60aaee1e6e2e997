-- Counts the connections of service processes: where there is none, no sweeper is alive.
--
-- Locks nothing. Reads the sessions of this database; a service calls its sessions "boxoffice", the audit does not.
SELECT count(*) AS connections
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name = 'boxoffice'
