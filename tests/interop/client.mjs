// The official client calls tools: client.mjs OPTIONS, a JSON object of
//   url       the MCP server's
//   token     sent with every request; or
//   provider  {issuer, id, secret, scope}: the client gets its token there by client_credentials when it is asked for
//             one; or
//   asksUser  the client is a registered one that sends its user to the provider, and stops there
//   sse       over the older transport, HTTP with SSE
//   revision  offered instead of the client's latest
//   calls     [{name, arguments}]
// Prints one JSON object: {revision, session, server, tools, results, errors}, or {error, authorizationUrl}.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const options = JSON.parse(process.argv[2]);

const machine = ({ issuer, id, secret, scope }) =>
  new ClientCredentialsProvider({ clientId: id, clientSecret: secret, expectedIssuer: issuer, scope });

let authorizationUrl;
const person = {
  redirectUrl: 'http://127.0.0.1:1/callback',
  clientMetadata: { client_name: 'interop', redirect_uris: ['http://127.0.0.1:1/callback'] },
  clientInformation: () => ({ client_id: 'interop' }),
  tokens: () => undefined,
  saveCodeVerifier: () => {},
  redirectToAuthorization: (url) => {
    authorizationUrl = url;
  },
};

const authProvider = options.provider ? machine(options.provider) : options.asksUser ? person : undefined;
const headers = options.token ? { Authorization: `Bearer ${options.token}` } : {};
const Transport = options.sse ? SSEClientTransport : StreamableHTTPClientTransport;
const transport = new Transport(new URL(options.url), {
  authProvider,
  requestInit: { headers },
});

if (options.revision) {
  const send = transport.send.bind(transport);
  transport.send = (message, ...rest) => {
    if (message.method === 'initialize') message.params.protocolVersion = options.revision;
    return send(message, ...rest);
  };
}

const described = (error) => ({ name: error.constructor.name, code: error.code ?? null, message: error.message });

// What the client's own background stream runs into belongs to the report too.
const errors = [];
const client = new Client({ name: 'interop', version: '1' });
client.onerror = (error) => errors.push(described(error));

async function report() {
  await client.connect(transport);
  const { tools } = await client.listTools();
  const results = [];
  for (const call of options.calls ?? []) {
    try {
      results.push(await client.callTool(call));
    } catch (error) {
      results.push({ error: described(error) });
    }
  }
  const { protocolVersion: revision, sessionId: session } = transport;
  const server = client.getServerVersion();
  await transport.terminateSession?.(); // HTTP with SSE has no such request
  return { revision, session, server, tools: tools.map((tool) => tool.name), results, errors };
}

try {
  console.log(JSON.stringify(await report()));
} catch (error) {
  console.log(JSON.stringify({ error: described(error), authorizationUrl }));
}
await client.close();
