-- Remembers what was read from the database, for the rest of the life that began before it was read.
--
-- KEYS[1] what is remembered
-- KEYS[2] the reading's own key; gone when the reading is too old, or when the server was emptied in between
-- ARGV[1] what was read
local life = redis.call('PTTL', KEYS[2])
redis.call('DEL', KEYS[2])
if life > 0 and life >= redis.call('PTTL', KEYS[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', life) end
return {}
