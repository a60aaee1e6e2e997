-- Tells the other processes something.
--
-- KEYS[1] what it is about; not touched, but it names the node of a cluster
-- ARGV[1] channel and ARGV[2] message for the other processes
redis.call('PUBLISH', ARGV[1], ARGV[2])
return {}
