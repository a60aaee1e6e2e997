-- Tells whether the database has the citus extension: sessions are then counted on all of its nodes.
--
-- Locks nothing. Reads the list of extensions.
SELECT EXISTS (SELECT FROM pg_extension x WHERE x.extname = 'citus') AS has_citus
