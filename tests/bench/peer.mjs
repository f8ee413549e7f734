// node peer.mjs FOLDER PORT: mcp-auth with Express, guarding two routes with the same token check.
//   /plain  a handler that answers `initialize` from a constant, with a fresh session id, and `tools/call` from another: the
//           least a server can do
//   /sdk    the official server and its Streamable HTTP transport, made anew for each request (stateless, JSON answers)
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { load } from './packages.mjs';

const { default: express } = await load('express');
const { z } = await load('zod');
const { MCPAuth } = await load('mcp-auth');
const { McpServer } = await load('@modelcontextprotocol/sdk/server/mcp.js');
const { StreamableHTTPServerTransport } = await load('@modelcontextprotocol/sdk/server/streamableHttp.js');

const [folder, port] = process.argv.slice(2);
const jwks = readFileSync(`${folder}/jwks.json`, 'utf8');
const issuer = 'https://login.example';
const resource = 'https://mcp.example/mcp';

const mcpAuth = new MCPAuth({
  protectedResources: [
    {
      metadata: {
        resource,
        authorizationServers: [
          {
            type: 'oidc',
            metadata: {
              issuer,
              authorizationEndpoint: `${issuer}/authorize`,
              tokenEndpoint: `${issuer}/token`,
              registrationEndpoint: `${issuer}/register`,
              jwksUri: `http://127.0.0.1:${port}/jwks.json`,
              responseTypesSupported: ['code'],
              grantTypesSupported: ['authorization_code'],
              codeChallengeMethodsSupported: ['S256'],
            },
          },
        ],
        scopesSupported: ['read:todos'],
      },
    },
  ],
});

const plain = (request, response) => {
  const { id, method, params } = request.body;
  if (method === 'tools/call') {
    response.json({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: '5' }], structuredContent: { sum: 5 } } });
    return;
  }
  response.set('Mcp-Session-Id', randomUUID()).json({
    jsonrpc: '2.0',
    id,
    result: {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'peer', version: '1.0.0' },
    },
  });
};

const sdk = async (request, response) => {
  const server = new McpServer({ name: 'peer', version: '1.0.0' });
  server.registerTool('whoami', {}, ({ authInfo }) => ({
    content: [{ type: 'text', text: JSON.stringify(authInfo?.subject) }],
  }));
  server.registerTool('add', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on('close', () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
};

const app = express();
app.get('/jwks.json', (_, response) => response.type('json').send(jwks));
app.use(mcpAuth.bearerAuth('jwt', { resource, audience: resource, requiredScopes: ['read:todos'] }));
app.use(express.json());
app.post('/plain', plain);
app.post('/sdk', sdk);
app.listen(Number(port), '127.0.0.1');
