-- Holds tickets of one type, on one date or on a random one of many.
--
-- ticket type, quantity, then one path or more

dofile("counting.lua")

function init(args)
    statuses = {}
    texts = {}
    local body = string.format('[{"tickettypeId":%d,"quantity":%d}]', args[1], args[2])
    local headers = { ["Content-Type"] = "application/json" }
    for place = 3, #args do
        texts[place - 2] = wrk.format("POST", args[place], headers, body)
    end
end

function request()
    return texts[math.random(#texts)]
end
