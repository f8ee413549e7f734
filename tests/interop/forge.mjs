// Keys, honest tokens and the tools to damage them: what forgeries.mjs is made with.
import * as crypto from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';

export const [issuer = 'https://issuer.example', audience = 'https://mcp.example/mcp'] = process.argv.slice(2);
export const now = Math.floor(Date.now() / 1000);

export const encode = (value) => Buffer.from(value).toString('base64url');
const json = (value) => (typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value));

// --- keys: the provider's, and one of somebody else's -----------------------------------------------------------

// What a key set entry says beside the key itself.
const published = {
  rsa: { alg: 'RS256', use: 'sig' },
  pss: { alg: 'PS256', use: 'sig' },
  ec: { alg: 'ES256', use: 'sig' },
  ed: { alg: 'EdDSA', use: 'sig' },
  p384: { alg: 'ES384', key_ops: ['verify'] },
  plain: {}, // RSA that may be used with any hash and padding
  enc: { use: 'enc' },
};
const generatedFor = { plain: 'RS256', enc: 'RSA-OAEP-256' };

export const keys = {};
for (const [kid, { alg }] of Object.entries(published)) {
  keys[kid] = await generateKeyPair(alg ?? generatedFor[kid], { extractable: true });
}
export const stranger = await generateKeyPair('RS256', { extractable: true });
export const strangerEc = await generateKeyPair('ES256', { extractable: true });
export const small = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
export const secret = crypto.randomBytes(32);

export const keyObject = (key) => (key instanceof crypto.KeyObject ? key : crypto.KeyObject.from(key));
export const spki = (pair) => keyObject(pair.publicKey).export({ type: 'spki', format: 'pem' });
export const publicJwk = (pair) => exportJWK(pair.publicKey);

export async function keySet() {
  const entries = Object.entries(published).map(async ([kid, members]) => ({
    ...(await publicJwk(keys[kid])),
    kid,
    ...members,
  }));
  const symmetric = { kty: 'oct', k: encode(secret), kid: 'oct', alg: 'HS256' };
  const weak = { ...small.publicKey.export({ format: 'jwk' }), kid: 'small', alg: 'RS256' };
  return { keys: [...(await Promise.all(entries)), symmetric, weak] };
}

// --- tokens -----------------------------------------------------------------------------------------------------

const honest = {
  iss: issuer,
  sub: 'alice',
  aud: audience,
  client_id: 'robot',
  scope: 'read write',
  iat: now,
  exp: now + 600,
  jti: 'token-1',
};

/// Honest claims with changes; undefined takes one away.
export const claims = (changes = {}) => ({ ...honest, ...changes });
/// The same as text, with members put before them that JSON.stringify would not write.
export const claimsText = (before, changes) => `{${before},${JSON.stringify(claims(changes)).slice(1)}`;

/// Signed by jose with the provider's key of that name; header members are put over alg, kid and typ.
export function token(changes = {}, { kid = 'rsa', header = {}, pair = keys[kid] } = {}) {
  const alg = published[kid]?.alg ?? generatedFor[kid];
  return new CompactSign(Buffer.from(JSON.stringify(claims(changes))))
    .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
    .sign(pair.privateKey);
}

const ecdsa = { dsaEncoding: 'ieee-p1363' };
const pss = (saltLength) => ({ padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength });
const recipes = {
  RS256: ['sha256', {}],
  RS384: ['sha384', {}],
  PS256: ['sha256', pss(32)],
  PS384: ['sha384', pss(48)],
  ES256: ['sha256', ecdsa],
  ES384: ['sha384', ecdsa],
  EdDSA: [null, {}],
};

/// Signed by hand, so that header and payload may be any text and the signature made in any way.
export function byHand(header, payload, choices = {}) {
  const { alg = header.alg, pair = keys[header.kid], encoded = encode, ...options } = choices;
  const input = `${encoded(json(header))}.${encoded(json(payload))}`;
  const [hash, usual] = recipes[alg];
  const key = { key: keyObject(pair.privateKey), ...usual, ...options };
  return `${input}.${encode(crypto.sign(hash, Buffer.from(input), key))}`;
}

/// Honest claims under any header, signed by a provider's key.
export const withHeader = (header, options) => byHand(header, claims(), options);
/// Any payload under an honest header.
export const withPayload = (payload) => byHand({ alg: 'RS256', kid: 'rsa' }, payload);

/// HMAC with whatever an attacker knows.
export function hmac(known, { alg = 'HS256', kid = 'rsa' } = {}) {
  const input = `${encode(JSON.stringify({ alg, kid }))}.${encode(JSON.stringify(claims()))}`;
  return `${input}.${crypto.createHmac(`sha${alg.slice(2)}`, known).update(input).digest('base64url')}`;
}

/// Not signed at all.
export const unsigned = (header, signature = '') =>
  `${encode(json(header))}.${encode(JSON.stringify(claims()))}.${signature}`;

/// A token with one of its parts (0 header, 1 payload, 2 signature) changed as text.
export function withPart(compact, index, change) {
  const parts = compact.split('.');
  parts[index] = change(parts[index]);
  return parts.join('.');
}
/// A token with its signature's bytes changed.
export const withSignature = (compact, change) =>
  withPart(compact, 2, (text) => encode(change(Buffer.from(text, 'base64url'))));

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/// The same bytes, spelled with a bit set that no byte uses.
export const spelledOtherwise = (text) =>
  text.length % 4 === 0 ? text : text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)) | 1];

export const bigEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
export const toBigEndian = (number, size) => Buffer.from(number.toString(16).padStart(2 * size, '0'), 'hex');
