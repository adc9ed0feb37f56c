-- What wrk sends: endless new rows. ENDPOINT is start, step or optimize; RUNS the runs that were started before.
-- Threads have numbers, so no two of them make the same row.
local endpoint = os.getenv("ENDPOINT")
local runs = tonumber(os.getenv("RUNS"))
local salt = os.getenv("SALT")
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init()
    count = 0
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["X-IM-Token"] = os.getenv("TOKEN")
end

-- A step stops some requests after it started: by then its start was answered, whatever connection it went over.
local lag = 64

local function step(event, span)
    local run = (span + number) % runs
    local body = string.format(
        '{"run_id":"run-%d","stage":"build","step":"compile","span_id":"%s-%d-%d","event":"%s",'
            .. '"timestamp":"2026-03-01T12:%02d:%02dZ"', run, salt, number, span, event,
        event == "start" and 0 or 30, span % 60)
    if event == "stop" then
        body = body .. string.format(
            ',"counters":{"cpu_time_s":%d.5,"rss_max_bytes":%d,"io_r_bytes":1048576,"io_w_bytes":524288,'
                .. '"cache_hits":%d,"cache_misses":3}', span % 900, 1073741824 + span, span % 50)
    end
    return wrk.format(nil, "/builds/step", nil, body .. "}")
end

function request()
    count = count + 1
    if endpoint == "start" then
        return wrk.format(nil, "/builds/start", nil, string.format(
            '{"pipeline":"app-%d","run_id":"%s-%d-%d","branch":"main","commit":"4f2a9c1","image":"gcc:13",'
                .. '"requested_resources":{"cpu":4,"mem_gb":8,"concurrency":4}}', count % 50, salt, number, count))
    elseif endpoint == "step" then
        local span = math.floor(count / 2)
        if count % 2 == 0 then return step("start", span) end
        if span <= lag then return step("start", 1000000000 + span) end
        return step("stop", span - lag)
    end
    return wrk.format(nil, "/optimize", nil, string.format(
        '{"pipeline":"app-%d","context":{"tool":"make","max_rss_gb":2.5,"num_steps":10,"avg_step_duration_s":30,'
            .. '"last_success":{"concurrency":4,"cpu_req":4,"mem_req_gb":8}}}', count % 50))
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("%.1f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
