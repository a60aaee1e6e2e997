-- Counts every answer by its status and prints the counts as JSON at the end: shared by all loads.

local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
end

function response(status)
    statuses[status] = (statuses[status] or 0) + 1
end

local function add_up()
    local sums = {}
    for _, thread in ipairs(threads) do
        for status, count in pairs(thread:get("statuses")) do
            sums[status] = (sums[status] or 0) + count
        end
    end
    local parts = {}
    for status, count in pairs(sums) do
        parts[#parts + 1] = string.format('"%d":%d', status, count)
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

function done(summary)
    local lost = summary.errors
    io.write(string.format(
        'counted {"seconds":%.6f,"statuses":%s,"unanswered":{"connect":%d,"read":%d,"write":%d,"timeout":%d}}\n',
        summary.duration / 1e6, add_up(), lost.connect, lost.read, lost.write, lost.timeout
    ))
end
