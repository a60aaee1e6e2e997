-- Keeps what a full pass saw, if nothing was opened since it began, for the rest of the life that began with it.
--
-- KEYS[1] the date's epoch
-- KEYS[2] the date's mark
-- KEYS[3] the date's exhausted shards
-- KEYS[4] the pass's own key; gone when the pass is too old, or when the server was emptied in between
-- ARGV[1] the epoch in which the pass began
-- ARGV[2] what the mark says
-- ARGV[3] life of the exhausted shards in ms
-- ARGV[4] channel and ARGV[5] message for the other processes
-- ARGV[6...] field, smallest refused quantity, and so on, for each exhausted shard
local life = redis.call('PTTL', KEYS[4])
redis.call('DEL', KEYS[4])
if life <= 0 then return {} end
local epoch = redis.call('GET', KEYS[1]) or '0'
if epoch ~= ARGV[1] then return {} end
if redis.call('PTTL', KEYS[2]) <= life then redis.call('SET', KEYS[2], epoch .. ':' .. ARGV[2], 'PX', life) end
redis.call('DEL', KEYS[3])
for first = 6, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[first], ARGV[first + 1]) end
redis.call('PEXPIRE', KEYS[3], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {life}
