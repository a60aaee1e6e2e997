-- Answers with what is remembered and the life that is left of it; when nothing is, or the asker wants it anew, notes
-- that it will now be read from the database, so that the age of what is kept then is counted from here.
--
-- KEYS[1] what is remembered
-- KEYS[2] the reading's own key; the life that is left of it is all the life that its result can get
-- ARGV[1] the life of what is remembered, in ms
-- ARGV[2] anew, or nothing
local kept = ARGV[2] ~= 'anew' and redis.call('GET', KEYS[1])
if kept then return {kept, redis.call('PTTL', KEYS[1])} end
redis.call('SET', KEYS[2], '', 'PX', ARGV[1])
return {}
