-- Counts the connections of service processes to any node of Citus: where there is none, no sweeper is alive.
--
-- Locks nothing. Reads the sessions of this database on all nodes, as audit_processes.sql does on one.
SELECT count(*) AS connections
FROM citus_stat_activity a
WHERE a.datname = current_database() AND a.application_name = 'boxoffice'
