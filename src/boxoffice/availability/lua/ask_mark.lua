-- Answers with a date's mark and the life that is left of it, or with nothing; a mark of an older epoch is nothing.
--
-- KEYS[1] the date's epoch
-- KEYS[2] the date's mark
local mark = redis.call('GET', KEYS[2])
if not mark then return {} end
if string.match(mark, '^%d+') ~= (redis.call('GET', KEYS[1]) or '0') then return {} end
return {mark, redis.call('PTTL', KEYS[2])}
