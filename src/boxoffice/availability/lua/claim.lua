-- Claims tickets, unless that would be more than may be claimed at once. A claim lapses by itself at its end.
--
-- Answers {1, 0} when they are claimed now, {2, 0} when this claim was there before, or {0, ms until enough of the
-- other claims have lapsed}. Who claims what was there before shares it: it stands until the last of them drops it.
--
-- KEYS[1] the claims of one client on one date: each its end, in ms on this server's clock, its tickets and sharers
-- ARGV[1] the claim's name
-- ARGV[2] its tickets
-- ARGV[3] how many tickets all claims together may be
-- ARGV[4] how long it stands, in ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HGETALL', KEYS[1])
local claimed, standing = 0, {}
for place = 1, #stored, 2 do
    -- An older process, before it is replaced, writes claims without sharers.
    local ends_at, tickets, sharers = string.match(stored[place + 1], '^(%d+) (%d+) ?(%d*)$')
    if tonumber(ends_at) <= now then
        redis.call('HDEL', KEYS[1], stored[place])
    elseif stored[place] == ARGV[1] then
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%s %s %d', ends_at, tickets, (tonumber(sharers) or 1) + 1))
        return {2, 0}
    else
        claimed = claimed + tickets
        table.insert(standing, {tonumber(ends_at), tonumber(tickets)})
    end
end
local free = ARGV[3] - claimed
if free < tonumber(ARGV[2]) then
    table.sort(standing, function (one, other) return one[1] < other[1] end)
    for _, each in ipairs(standing) do
        free = free + each[2]
        if free >= tonumber(ARGV[2]) then return {0, each[1] - now} end
    end
    return {0, tonumber(ARGV[4])}
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %d 1', now + ARGV[4], ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {1, 0}
