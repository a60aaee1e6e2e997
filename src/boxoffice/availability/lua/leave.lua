-- Drops a process that ends.
--
-- KEYS[1] the live processes
-- ARGV[1] the process
redis.call('ZREM', KEYS[1], ARGV[1])
return {}
