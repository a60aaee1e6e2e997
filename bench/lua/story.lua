-- Holds tickets on one date and pays what was held: whole stories.
--
-- ticket type, quantity, path
--
-- Whichever connection is free next pays for the oldest hold that is not paid: wrk does not say which connection an
-- answer came on, and the service does not mind. A story is told when its payment is answered 200.

dofile("hold.lua")

local init_hold = init
local unpaid, first, last = {}, 1, 0
local headers = { ["Content-Type"] = "application/json" }
local reference = '{"paymentReference":124351234}'

function init(args)
    init_hold(args)
end

function response(status, _, body)
    statuses[status] = (statuses[status] or 0) + 1
    if status == 201 then
        last = last + 1
        unpaid[last] = string.match(body, '"reservationId":"([^"]+)"')
    end
end

function request()
    if first > last then
        return texts[1]
    end
    local reservation = unpaid[first]
    unpaid[first] = nil
    first = first + 1
    return wrk.format("POST", "/reservation/" .. reservation, headers, reference)
end
