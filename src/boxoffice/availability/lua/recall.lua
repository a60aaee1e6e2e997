-- Answers with what is remembered and the life that is left of it; when it is too old or missing, notes that it will
-- now be read from the database, so that the age of what is kept then is counted from here.
--
-- KEYS[1] what is remembered
-- KEYS[2] the reading's own key; the life that is left of it is all the life that its result can get
-- ARGV[1] the life of what is remembered, in ms
-- ARGV[2] the smallest life left that the asker accepts, in ms
local kept = redis.call('GET', KEYS[1])
if kept then
  local life = redis.call('PTTL', KEYS[1])
  if life >= tonumber(ARGV[2]) then return {kept, life} end
end
redis.call('SET', KEYS[2], '', 'PX', ARGV[1])
return {}
