// Keys and signatures of panva/jose, and of Node for Ed448, which jose leaves out: jose.mjs make|check
//   make   prints for each algorithm {alg, token, secret} or {alg, token, jwk, privateJwk, spki, pkcs8, thumbprint}
//   check  reads lines {alg, token, jwk, spki, privateJwk}, and answers each with {payload, payloadBySpki, thumbprint,
//          token}: what it verified with either key, the key's name, and a token of its own made with the private key
import * as crypto from 'node:crypto';
import { createInterface } from 'node:readline';
import * as jose from 'jose';

const claims = { iss: 'https://jose.example', sub: 'alice', name: 'Zoë 🔑' };
const payload = new TextEncoder().encode(JSON.stringify(claims));
const asymmetric = ['RS', 'PS', 'ES'].flatMap((family) => [`${family}256`, `${family}384`, `${family}512`]);
const secret = 'a shared secret of sixty-four characters, long enough for HS512.';

// --- the few things that jose does for every curve but Ed448 ------------------------------------------------------

const isEd448 = (jwk) => jwk?.crv === 'Ed448';

function signByNode(key, header) {
  const input = [JSON.stringify(header), payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${input}.${crypto.sign(null, Buffer.from(input), key).toString('base64url')}`;
}

function verifyByNode(token, key) {
  const [header, body, signature] = token.split('.');
  if (!crypto.verify(null, Buffer.from(`${header}.${body}`), key, Buffer.from(signature, 'base64url')))
    throw new Error('signature verification failed');
  return Buffer.from(body, 'base64url').toString();
}

// --- make ---------------------------------------------------------------------------------------------------------

const print = (line) => console.log(JSON.stringify(line));

async function make(alg) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = await jose.exportJWK(publicKey);
  const kid = `${alg}-1`;
  print({
    alg,
    token: await new jose.CompactSign(payload).setProtectedHeader({ alg, kid }).sign(privateKey),
    jwk: { ...jwk, kid, alg, use: 'sig' },
    privateJwk: { ...(await jose.exportJWK(privateKey)), kid },
    spki: await jose.exportSPKI(publicKey),
    pkcs8: await jose.exportPKCS8(privateKey),
    thumbprint: await jose.calculateJwkThumbprint(jwk),
  });
}

async function makeEd448() {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ed448');
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = 'Ed448-1';
  print({
    alg: 'EdDSA',
    token: signByNode(privateKey, { alg: 'EdDSA', kid }),
    jwk: { ...jwk, kid, alg: 'EdDSA', use: 'sig' },
    privateJwk: { ...privateKey.export({ format: 'jwk' }), kid },
    spki: publicKey.export({ type: 'spki', format: 'pem' }),
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    thumbprint: await jose.calculateJwkThumbprint(jwk),
  });
}

async function makeAll() {
  for (const alg of [...asymmetric, 'EdDSA']) await make(alg);
  await makeEd448();
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    const token = await new jose.CompactSign(payload).setProtectedHeader({ alg }).sign(Buffer.from(secret));
    print({ alg, token, secret });
  }
}

// --- check --------------------------------------------------------------------------------------------------------

async function verified(token, key, alg) {
  const result = await jose.compactVerify(token, key, { algorithms: [alg] });
  return new TextDecoder().decode(result.payload);
}

async function check({ alg, token, jwk, spki, privateJwk }) {
  const thumbprint = await jose.calculateJwkThumbprint(jwk);
  if (isEd448(jwk))
    return {
      payload: verifyByNode(token, crypto.createPublicKey({ key: jwk, format: 'jwk' })),
      payloadBySpki: verifyByNode(token, crypto.createPublicKey(spki)),
      thumbprint,
      token: signByNode(crypto.createPrivateKey({ key: privateJwk, format: 'jwk' }), { alg }),
    };
  const key = await jose.importJWK(jwk, alg);
  const privateKey = await jose.importJWK(privateJwk, alg);
  return {
    payload: await verified(token, key, alg),
    payloadBySpki: spki ? await verified(token, await jose.importSPKI(spki, alg), alg) : null,
    thumbprint,
    token: await new jose.CompactSign(payload).setProtectedHeader({ alg }).sign(privateKey),
  };
}

async function checkAll() {
  for await (const line of createInterface({ input: process.stdin })) {
    print(await check(JSON.parse(line)).catch((error) => ({ error: String(error) })));
  }
}

await { make: makeAll, check: checkAll }[process.argv[2]]();
