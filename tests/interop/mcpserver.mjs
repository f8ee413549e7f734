// An MCP server of the official SDK: mcpserver.mjs OPTIONS, a JSON object of
//   json      answers as application/json instead of server-sent events
//   sessions  gives out sessions, and forgets the first of them after its first call of a tool
//   stdio     serves its standard input and output instead of HTTP
// Prints "listening URL" over HTTP, and runs until it is ended. Tools: add, count (tells its progress first), ask (pings the client
// before it answers); greet, think and where ask for a name, a model's answer and roots, greetAside on the session's own
// stream; change announces a change of the tools.
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  EmptyResultSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import express from 'express';

const { json = false, sessions = false, stdio = false } = JSON.parse(process.argv[2]);
const number = { type: 'number' };
const nameForm = {
  message: 'Who are you?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
};
const thought = { messages: [{ role: 'user', content: { type: 'text', text: 'Think.' } }], maxTokens: 9 };
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
  greet: {
    inputSchema: { type: 'object' },
    call: async (_, { sendRequest }) => {
      const { content } = await sendRequest({ method: 'elicitation/create', params: nameForm }, ElicitResultSchema);
      return `Hello, ${content.name}`;
    },
  },
  greetAside: {
    inputSchema: { type: 'object' },
    call: async (_, __, server) => `Hello aside, ${(await server.elicitInput(nameForm)).content.name}`,
  },
  think: {
    inputSchema: { type: 'object' },
    call: async (_, { sendRequest }) => {
      const request = { method: 'sampling/createMessage', params: thought };
      return (await sendRequest(request, CreateMessageResultSchema)).content.text;
    },
  },
  where: {
    inputSchema: { type: 'object' },
    call: async (_, { sendRequest }) =>
      (await sendRequest({ method: 'roots/list' }, ListRootsResultSchema)).roots[0].uri,
  },
  change: {
    inputSchema: { type: 'object' },
    call: async (_, __, server) => {
      await server.sendToolListChanged();
      return 'told';
    },
  },
};

function newServer() {
  const server = new Server({ name: 'sdk', version: '1' }, { capabilities: { tools: { listChanged: true } } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.entries(tools).map(([name, { inputSchema }]) => ({ name, inputSchema })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const value = await tools[params.name].call(params.arguments, extra, server);
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
function listen() {
  const server = app.listen(0, '127.0.0.1', () => {
    console.log(`listening http://127.0.0.1:${server.address().port}/mcp`);
  });
}
if (stdio) await newServer().connect(new StdioServerTransport());
else listen();
