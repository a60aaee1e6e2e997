-- Counts in a window that begins with its first count and is not made longer by later ones.
--
-- KEYS[1] the count
-- ARGV[1] how many to add; 0 only looks
-- ARGV[2] how long a window lasts, in ms
if ARGV[1] ~= '0' then
    redis.call('INCRBY', KEYS[1], ARGV[1])
    if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
end
return {tonumber(redis.call('GET', KEYS[1]) or 0), redis.call('PTTL', KEYS[1])}
