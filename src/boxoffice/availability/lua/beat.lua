-- Notes that a process is alive, drops those that have not been heard of, and lists those that have.
--
-- A beat from the future, noted before the clock jumped back, is dropped too: whoever lives is noted again soon.
--
-- KEYS[1] the live processes, each with the moment of its last beat, in ms
-- ARGV[1] the process
-- ARGV[2] how long a process is believed to live after its last beat, in ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 1, '+inf')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZRANGE', KEYS[1], 0, -1)
