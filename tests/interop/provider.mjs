// oidc-provider, a certified OpenID provider, on loopback: provider.mjs ALG [PATH] [--registration] [--interactions]
// With --interactions it has pages where users sign in by any name and consent.
// Prints "listening ISSUER" and runs until it is ended.
import { createServer } from 'node:http';
import express from 'express';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const [alg, path = ''] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const registration = process.argv.includes('--registration');
const interactions = process.argv.includes('--interactions');
const scopes = ['mcp:use', 'create:todos', 'read:todos', 'delete:todos'];

const { privateKey } = await generateKeyPair(alg, { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg}-1` };

const client = (id) => ({
  client_id: id,
  client_secret: `${id}s-secret`,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: scopes.join(' '),
});

const configuration = {
  clients: [client('robot')],
  clientDefaults: { id_token_signed_response_alg: alg },
  cookies: { keys: ['only for this test'] },
  enabledJWA: { idTokenSigningAlgValues: [alg] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: interactions },
    registration: { enabled: registration },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, resource) => ({
        accessTokenFormat: 'jwt',
        audience: resource,
        jwt: { sign: { alg } },
        scope: scopes.join(' '),
      }),
    },
  },
  jwks: { keys: [jwk] },
  responseTypes: ['code'],
  scopes: interactions ? ['openid', 'offline_access', ...scopes] : scopes,
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}${path}`;
  const provider = new Provider(issuer, configuration);
  provider.on('server_error', (_context, error) => console.error(error));
  const app = express();
  app.use(path || '/', provider.callback());
  server.on('request', app);
  console.log(`listening ${issuer}`);
});
