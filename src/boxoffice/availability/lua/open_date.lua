-- Begins a new epoch of a date, because units went back on sale: marks of passes begun before it no longer count.
--
-- KEYS[1] the date's epoch
-- KEYS[2] the date's exhausted shards
-- ARGV[1] life of the epoch in ms, far longer than that of any mark
-- ARGV[2] channel and ARGV[3] message for the other processes
-- ARGV[4...] the shards that have room again; none stands for all
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if #ARGV == 3 then redis.call('DEL', KEYS[2]) end
for field = 4, #ARGV do redis.call('HDEL', KEYS[2], ARGV[field]) end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return {}
