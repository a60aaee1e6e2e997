-- Asks for one path again and again.
--
-- path

dofile("counting.lua")

function init(args)
    statuses = {}
    text = wrk.format("GET", args[1])
end

function request()
    return text
end
