// A server of the official SDK of 2026, stateless alone: modernserver.mjs OPTIONS, a JSON object of
//   stdio     serves its standard input and output instead of HTTP
// Prints "listening URL" over HTTP, and runs until it is ended. Tools: greet (asks for a name), think (asks a model), where (asks for roots), both (asks two rounds), work
// (tells its progress and logs), change (announces a change of the tools). A resource test://note and a prompt hello.
import { createServer } from 'node:http';
import { McpServer, createMcpHandler, fromJsonSchema, inputRequired } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const { stdio = false } = JSON.parse(process.argv[2]);
const objectOf = (properties = {}, required = []) => fromJsonSchema({ type: 'object', properties, required });
const say = (text) => ({ content: [{ type: 'text', text: String(text) }] });
const nameForm = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const message = (text) => [{ role: 'user', content: { type: 'text', text } }];
const answerOf = (ctx, key) => ctx.mcpReq.inputResponses?.[key];
const requests = {
  name: () => inputRequired.elicit({ message: 'Who are you?', requestedSchema: nameForm }),
  thought: () => inputRequired.createMessage({ messages: message('Think.'), maxTokens: 9 }),
  roots: () => inputRequired.listRoots(),
};
const need = (...keys) =>
  inputRequired({ inputRequests: Object.fromEntries(keys.map((key) => [key, requests[key]()])) });

const handler = stdio ? undefined : createMcpHandler(newServer, { legacy: 'reject' });
const tools = {
  greet: (ctx) => (answerOf(ctx, 'name') ? say(`Hello, ${answerOf(ctx, 'name').content.name}`) : need('name')),
  think: (ctx) => (answerOf(ctx, 'thought') ? say(answerOf(ctx, 'thought').content.text) : need('thought')),
  where: (ctx) => (answerOf(ctx, 'roots') ? say(answerOf(ctx, 'roots').roots[0].uri) : need('roots')),
  both: (ctx) => {
    const [name, thought] = [answerOf(ctx, 'name'), answerOf(ctx, 'thought')];
    return name && thought ? say(`${name.content.name}: ${thought.content.text}`) : need('name', 'thought');
  },
  work: async (ctx) => {
    await ctx.mcpReq.log('info', 'begun');
    const progressToken = ctx.mcpReq._meta?.progressToken;
    for (const progress of [1, 2])
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 2 } });
    return say('done');
  },
  change: (_, server) => {
    if (handler) handler.notify.toolsChanged();
    else server.sendToolListChanged();
    return say('told');
  },
};

function newServer() {
  const server = new McpServer(
    { name: 'modern', version: '1' },
    { capabilities: { tools: { listChanged: true }, logging: {}, resources: {}, prompts: {} } },
  );
  for (const [name, call] of Object.entries(tools))
    server.registerTool(name, { inputSchema: objectOf() }, (_, ctx) => call(ctx, server));
  server.registerResource('note', 'test://note', {}, (uri) => ({ contents: [{ uri: uri.href, text: 'a note' }] }));
  server.registerPrompt('hello', { argsSchema: objectOf({ who: { type: 'string' } }, ['who']) }, ({ who }) => ({
    messages: message(`Hello, ${who}`),
  }));
  return server;
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

const http = createServer(async (request, response) => {
  const url = `http://${request.headers.host}${request.url}`;
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const answer = await handler.fetch(
    new Request(url, {
      method: request.method,
      headers: request.headers,
      body: request.method === 'POST' ? await bodyOf(request) : undefined,
      signal: gone.signal,
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  for await (const part of answer.body ?? []) response.write(part);
  response.end();
});
if (stdio) serveStdio(newServer, { legacy: 'reject' });
else http.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${http.address().port}/mcp`));
