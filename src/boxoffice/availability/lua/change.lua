-- Forgets what is remembered of a subject that has changed, and tells the other processes.
--
-- KEYS[1] what is remembered
-- ARGV[1] channel and ARGV[2] message for the other processes
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return {}
