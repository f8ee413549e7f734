// node tokens.mjs FOLDER: writes jwks.json (RS256 and ES256), and a token for each: RS256.token, ES256.token.
import { writeFileSync } from 'node:fs';
import { load } from './packages.mjs';

const { exportJWK, generateKeyPair, SignJWT } = await load('jose');
const folder = process.argv[2];
const keys = [];

for (const alg of ['RS256', 'ES256']) {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  keys.push({ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' });
  const token = await new SignJWT({ client_id: 'inspector', scope: 'read:todos create:todos' })
    .setProtectedHeader({ alg, kid: alg, typ: 'at+jwt' })
    .setIssuer('https://login.example')
    .setAudience('https://mcp.example/mcp')
    .setSubject('alice')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  writeFileSync(`${folder}/${alg}.token`, token);
}
writeFileSync(`${folder}/jwks.json`, JSON.stringify({ keys }));
