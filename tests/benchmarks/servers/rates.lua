-- What wrk sends: the bodies of a file, by turns, each time with a number in the place of NUMBER when queries must differ.
-- Prints one line: answers, seconds in microseconds, faults, and the latency of the half and of 99 in 100, in microseconds.
local bodies, varied, sent, thread = {}, false, 0, 0

function setup(each)
   thread = thread + 1
   each:set("place", thread)
end

function init(arguments)
   for body in io.lines(arguments[1]) do
      bodies[#bodies + 1] = body
   end
   varied = arguments[2] == "varied"
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
   wrk.headers["Accept"] = "application/sparql-results+json"
end

function request()
   local body = bodies[sent % #bodies + 1]
   local number = varied and (place * 10000000 + sent) or 0
   sent = sent + 1
   return wrk.format(nil, nil, nil, (body:gsub("NUMBER", number)))
end

function done(summary, latency, requests)
   local errors = summary.errors
   local faults = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   print(string.format("MEASURED %d %d %d %d %d", summary.requests, summary.duration, faults,
                       latency:percentile(50), latency:percentile(99)))
end
