// An MCP server of the official SDK: mcpserver.mjs OPTIONS, a JSON object of
//   json      answers as application/json instead of server-sent events
//   sessions  gives out sessions, and forgets the first of them after its first call of a tool
// Prints "listening URL" and runs until it is ended. Tools: add, count (tells its progress first), ask (pings the client
// before it answers).
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, EmptyResultSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import express from 'express';

const { json = false, sessions = false } = JSON.parse(process.argv[2]);
const number = { type: 'number' };
const tools = {
  add: {
    inputSchema: { type: 'object', properties: { a: number, b: number }, required: ['a', 'b'] },
    call: ({ a, b }) => a + b,
  },
  count: {
    inputSchema: { type: 'object' },
    call: async (_, { sendNotification }) => {
      for (const progress of [1, 2, 3])
        await sendNotification({ method: 'notifications/progress', params: { progressToken: 'count', progress } });
      return 'counted';
    },
  },
  ask: {
    inputSchema: { type: 'object' },
    call: async (_, { sendRequest }) => {
      await sendRequest({ method: 'ping' }, EmptyResultSchema);
      return 'the client is there';
    },
  },
};

function newServer() {
  const server = new Server({ name: 'sdk', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.entries(tools).map(([name, { inputSchema }]) => ({ name, inputSchema })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const value = await tools[params.name].call(params.arguments, extra);
    return { content: [{ type: 'text', text: String(value) }] };
  });
  return server;
}

const open = new Map();
let forgotten = 0;

async function transportFor(request) {
  const known = open.get(request.headers['mcp-session-id']);
  if (known) return known;
  const transport = new StreamableHTTPServerTransport({
    enableJsonResponse: json,
    sessionIdGenerator: sessions ? randomUUID : undefined,
    onsessioninitialized: (id) => open.set(id, transport),
    onsessionclosed: (id) => open.delete(id),
  });
  await newServer().connect(transport);
  return transport;
}

const app = express();
app.use(express.json());
app.all('/mcp', async (request, response) => {
  const id = request.headers['mcp-session-id'];
  if (id && !open.has(id)) return response.status(404).end();
  const transport = await transportFor(request);
  await transport.handleRequest(request, response, request.body);
  if (sessions && !forgotten && request.body?.method === 'tools/call') {
    forgotten += 1;
    open.delete(id);
  }
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${server.address().port}/mcp`);
});
