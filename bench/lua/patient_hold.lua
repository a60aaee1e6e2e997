-- Holds tickets on one date; who is told to come back later waits as long as Retry-After says.
--
-- ticket type, quantity, path
--
-- wrk asks delay() once after each answer, in the order of the answers: so the waits stand in a queue.

dofile("hold.lua")

local init_hold = init
local waits, first, last = {}, 1, 0

function init(args)
    init_hold(args)
end

function response(status, headers)
    statuses[status] = (statuses[status] or 0) + 1
    last = last + 1
    waits[last] = status == 503 and 1000 * tonumber(headers["retry-after"] or headers["Retry-After"]) or 0
end

function delay()
    if first > last then
        return 0
    end
    local wait = waits[first]
    waits[first] = nil
    first = first + 1
    return wait
end
