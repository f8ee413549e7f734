// Clients that others wrote, at a provider that asks its user nothing: oauthclients.mjs LIBRARY ISSUER MCP_URL
// LIBRARY is openid-client, oauth4webapi or sdk. Prints one JSON object of what came of each thing that the library does.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';

const [library, issuer, resource] = process.argv.slice(2);
const redirectUri = 'http://127.0.0.1:7/callback';
const scope = 'openid read:todos offline_access';
const metadata = {
  client_name: library,
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
};

// In place of a browser: where the provider sends it.
async function visited(url) {
  const response = await fetch(url, { redirect: 'manual' });
  return new URL(response.headers.get('location'));
}

async function withOpenidClient() {
  const insecure = { execute: [oidc.allowInsecureRequests] };
  const byPost = { ...metadata, token_endpoint_auth_method: 'client_secret_post' };
  const config = await oidc.dynamicClientRegistration(new URL(issuer), byPost, undefined, insecure);
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    resource,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const tokens = await oidc.authorizationCodeGrant(
    config,
    await visited(url),
    { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true },
    { resource },
  );
  const subject = tokens.claims().sub;
  const user = await oidc.fetchUserInfo(config, tokens.access_token, subject);
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token, { resource });
  const before = await oidc.tokenIntrospection(config, fresh.access_token);
  await oidc.tokenRevocation(config, fresh.refresh_token);
  const after = await oidc.tokenIntrospection(config, fresh.refresh_token);
  return { subject, user: user.sub, token: fresh.access_token, active: before.active, revoked: !after.active };
}

async function withOauth4webapi() {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const url = new URL(issuer);
  const discovered = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure });
  const server = await oauth.processDiscoveryResponse(url, discovered);
  const registered = await oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
  const client = await oauth.processDynamicClientRegistrationResponse(registered);
  const authentication = oauth.ClientSecretBasic(client.client_secret);
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const authorization = new URL(server.authorization_endpoint);
  authorization.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    state,
    resource,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const parameters = oauth.validateAuthResponse(server, client, await visited(authorization), state);
  const granted = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    redirectUri,
    verifier,
    { additionalParameters: { resource }, ...insecure },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, granted, { requireIdToken: true });
  const subject = oauth.getValidatedIdTokenClaims(tokens).sub;
  const answered = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
  const user = await oauth.processUserInfoResponse(server, client, subject, answered);
  const renewed = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, {
    additionalParameters: { resource },
    ...insecure,
  });
  const fresh = await oauth.processRefreshTokenResponse(server, client, renewed);
  const introspect = async (token) =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, authentication, token, insecure),
    );
  const { active } = await introspect(fresh.access_token);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, authentication, fresh.refresh_token, insecure),
  );
  const after = await introspect(fresh.refresh_token);
  return { subject, user: user.sub, token: fresh.access_token, active, revoked: !after.active };
}

async function withSdk() {
  const kept = {};
  let redirected;
  const authProvider = {
    redirectUrl: redirectUri,
    clientMetadata: { ...metadata, token_endpoint_auth_method: 'none' },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => (kept.tokens = tokens),
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (verifier) => (kept.verifier = verifier),
    redirectToAuthorization: (url) => (redirected = url),
  };
  const newTransport = () => new StreamableHTTPClientTransport(new URL(resource), { authProvider });
  const first = newTransport();
  const refused = await new Client({ name: 'interop', version: '1' }).connect(first).then(
    () => undefined,
    (error) => error.constructor.name,
  );
  await first.finishAuth((await visited(redirected)).searchParams.get('code'));
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(newTransport());
  const { content } = await client.callTool({ name: 'whoami' });
  await client.close();
  return { refused, said: content[0].text, token: kept.tokens.access_token };
}

const libraries = { 'openid-client': withOpenidClient, oauth4webapi: withOauth4webapi, sdk: withSdk };
console.log(JSON.stringify(await libraries[library]()));
process.exit();
