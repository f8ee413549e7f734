// mcp-auth's own server: server.mjs OPTIONS, a JSON object of {issuer, resource, scopes, details}.
// Prints "listening URL" and runs until it is ended. What passes is answered with {"authInfo"}.
import express from 'express';
import { MCPAuth, fetchServerConfig } from 'mcp-auth';

const { issuer, resource, scopes, details = false } = JSON.parse(process.argv[2]);
const authorizationServers = [await fetchServerConfig(issuer, { type: 'oidc' })];
const auth = new MCPAuth({
  protectedResources: [{ metadata: { resource, authorizationServers, scopesSupported: scopes } }],
});

const app = express();
app.use(auth.protectedResourceMetadataRouter());
app.post(
  '/mcp',
  auth.bearerAuth('jwt', { requiredScopes: scopes, audience: resource, resource, showErrorDetails: details }),
  (request, response) => {
    const { token, ...authInfo } = request.auth;
    response.json({ authInfo });
  },
);
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${server.address().port}/mcp`);
});
