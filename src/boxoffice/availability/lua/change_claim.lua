-- Puts a claim under another name, with a new end, or drops it; one that others share stays theirs.
--
-- KEYS[1] the claims of one client on one date
-- ARGV[1] the claim's name
-- ARGV[2] its new name; empty: it is dropped
-- ARGV[3] its tickets
-- ARGV[4] how long it stands from now on, in ms
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local claim, sharers = string.match(stored or '', '^(%d+ %d+) (%d+)$')
if ARGV[2] == '' and claim and tonumber(sharers) > 1 then
    redis.call('HSET', KEYS[1], ARGV[1], string.format('%s %d', claim, sharers - 1))
    return {1}
end
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[2] ~= '' then
    local time = redis.call('TIME')
    local ends_at = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
    redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f %d 1', ends_at, ARGV[3]))
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
end
return {1}
