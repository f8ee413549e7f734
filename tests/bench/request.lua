-- For wrk: POSTs the body in $BODY, or GETs without one, with the token in $TOKEN and the MCP session in $SESSION if there are
-- any (stateless: as tools/call of the tool add in 2026-07-28), and prints "REQUESTS_PER_SECOND FAILED MEDIAN_MICROSECONDS".
local body = os.getenv("BODY")
if body and body ~= "" then
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json, text/event-stream"
  wrk.body = body
end

local token = os.getenv("TOKEN")
if token and token ~= "" then
  wrk.headers["Authorization"] = "Bearer " .. token
end

local session = os.getenv("SESSION")
if session == "stateless" then
  wrk.headers["Mcp-Protocol-Version"] = "2026-07-28"
  wrk.headers["Mcp-Method"] = "tools/call"
  wrk.headers["Mcp-Name"] = "add"
elseif session and session ~= "" then
  wrk.headers["Mcp-Session-Id"] = session
  wrk.headers["Mcp-Protocol-Version"] = "2025-06-18"
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("result %.0f %d %d\n", summary.requests / summary.duration * 1e6, failed, latency:percentile(50)))
end
