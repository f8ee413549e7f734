// Forged and damaged tokens, and good ones: forgeries.mjs [ISSUER] [AUDIENCE]
// Prints a line {issuer, audience, scopes, jwks, now}, then for each token a line {name, token, expected, checks,
// strict}. `expected` is the code of the refusal, null for a good token; `checks` are those of which one must fail;
// `strict` ones are for strict checking.
import * as crypto from 'node:crypto';
import { CompactEncrypt, FlattenedSign } from 'jose';
import * as forge from './forge.mjs';

const { audience, byHand, claims, claimsText, encode, hmac, issuer, keys, now } = forge;
const { spelledOtherwise, token, unsigned, withHeader, withPart, withPayload, withSignature } = forge;

const good = await token();
const goodEc = await token({}, { kid: 'ec' });
const goodEd = await token({}, { kid: 'ed' });
const [goodHeader, goodPayload, goodSignature] = good.split('.');
const rsa = { alg: 'RS256', kid: 'rsa' };
const ec = { alg: 'ES256', kid: 'ec' };

// The orders of P-256's and Ed25519's groups.
const p256Order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const ed25519Order = 2n ** 252n + BigInt('27742317777372353535851937790883648493');

/// A token over which an honest signature stands, with the spelling of one part changed before it was signed.
const signedAs = (encoded) => byHand(rsa, claims(), { encoded });
/// A payload of a length that leaves unused bits at the end of its base64url.
const loose = (value) => spelledOtherwise(encode(encode(value).length % 4 === 0 ? `${value} ` : value));
const nested = (depth) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const highS = (signature) =>
  Buffer.concat([
    signature.subarray(0, 32),
    forge.toBigEndian(p256Order - forge.bigEndian(signature.subarray(32)), 32),
  ]);
const beyondOrder = (signature) => {
  const s = forge.bigEndian(Buffer.from(signature.subarray(32)).reverse()) + ed25519Order;
  return Buffer.concat([signature.subarray(0, 32), forge.toBigEndian(s, 32).reverse()]);
};
const zeros = (count) => Buffer.alloc(count);
const joined = (...parts) => Buffer.concat(parts);

/// The good token's bytes with characters of the other base64 alphabet; tried until there are some.
async function inOtherAlphabet() {
  for (let jti = 0; ; ++jti) {
    const compact = await token({ jti });
    if (/[-_]/.test(compact.split('.')[2]))
      return withPart(compact, 2, (text) => text.replaceAll('-', '+').replaceAll('_', '/'));
  }
}

const notSigned = {
  'alg none': unsigned({ alg: 'none' }),
  'alg None': unsigned({ alg: 'None' }),
  'alg NONE': unsigned({ alg: 'NONE' }),
  'alg nOnE': unsigned({ alg: 'nOnE' }),
  'alg none with a known kid': unsigned({ alg: 'none', kid: 'rsa' }),
  'alg none with a space': unsigned({ alg: 'none ' }),
  'alg none with a signature': unsigned({ alg: 'none' }, goodSignature),
  'alg none in two parts': unsigned({ alg: 'none' }).slice(0, -1),
  'alg empty': unsigned({ alg: '' }),
  'alg missing': unsigned({ typ: 'JWT' }, goodSignature),
  'alg null': withHeader({ ...rsa, alg: null }, { alg: 'RS256' }),
  'alg a number': withHeader({ ...rsa, alg: 256 }, { alg: 'RS256' }),
  'alg a list': withHeader({ ...rsa, alg: ['RS256'] }, { alg: 'RS256' }),
  'alg in lower case': withHeader({ ...rsa, alg: 'rs256' }, { alg: 'RS256' }),
  'alg with a NUL': withHeader({ ...rsa, alg: 'RS256\0' }, { alg: 'RS256' }),
  'alg unknown': withHeader({ ...rsa, alg: 'RS1' }, { alg: 'RS256' }),
  'alg of encryption': withHeader({ ...rsa, alg: 'RSA-OAEP-256' }, { alg: 'RS256' }),
};

const rsaPublic = forge.keyObject(keys.rsa.publicKey);
const confused = {
  'HS256 with the RSA key in PEM': hmac(forge.spki(keys.rsa)),
  'HS256 with the RSA key in PEM, no last line break': hmac(forge.spki(keys.rsa).trim()),
  'HS256 with the RSA key in PKCS#1 PEM': hmac(rsaPublic.export({ type: 'pkcs1', format: 'pem' })),
  'HS256 with the RSA key in DER': hmac(rsaPublic.export({ type: 'spki', format: 'der' })),
  'HS256 with the RSA key as JWK': hmac(JSON.stringify(await forge.publicJwk(keys.rsa))),
  'HS256 with the RSA modulus': hmac(Buffer.from((await forge.publicJwk(keys.rsa)).n, 'base64url')),
  'HS384 with the RSA key in PEM': hmac(forge.spki(keys.rsa), { alg: 'HS384' }),
  'HS512 with the RSA key in PEM': hmac(forge.spki(keys.rsa), { alg: 'HS512' }),
  'HS256 with the EC key in PEM': hmac(forge.spki(keys.ec), { kid: 'ec' }),
  'HS256 with the Ed25519 key': hmac(Buffer.from((await forge.publicJwk(keys.ed)).x, 'base64url'), { kid: 'ed' }),
  'HS256 with nothing': hmac(''),
  'HS256 with a published secret': hmac(forge.secret, { kid: 'oct' }),
  'HS256 with a published secret, no kid': hmac(forge.secret, { kid: undefined }),
  'HS256 with an empty file for a kid': hmac('', { kid: '../../dev/null' }),
  'PS256 by a key for RS256': withHeader({ alg: 'PS256', kid: 'rsa' }),
  'RS256 by a key for PS256': withHeader({ alg: 'RS256', kid: 'pss' }),
  'RS384 by a key for RS256': withHeader({ alg: 'RS384', kid: 'rsa' }),
  'RS256 over SHA-384': withHeader(rsa, { alg: 'RS384' }),
  'RS256 with PSS padding': withHeader(rsa, { alg: 'PS256' }),
  'PS256 with PKCS#1 padding': withHeader({ alg: 'PS256', kid: 'plain' }, { alg: 'RS256' }),
  'PS256 over SHA-384': withHeader({ alg: 'PS256', kid: 'pss' }, { alg: 'PS384' }),
  'ES384 by a P-256 key': withHeader({ alg: 'ES384', kid: 'ec' }),
  'ES256 over SHA-384': withHeader(ec, { alg: 'ES384' }),
  'ES256 by a P-384 key': withHeader({ alg: 'ES256', kid: 'p384' }),
  'EdDSA by an EC key': withHeader({ alg: 'EdDSA', kid: 'ec' }, { alg: 'ES256' }),
  'ES256 by an Ed25519 key': withHeader({ alg: 'ES256', kid: 'ed' }, { alg: 'EdDSA' }),
  'RS256 by an EC key': withHeader({ alg: 'RS256', kid: 'ec' }, { alg: 'ES256' }),
};

const strangerJwk = await forge.publicJwk(forge.stranger);
const strangerSpki = forge.spki(forge.stranger).split('\n').slice(1, -2).join('');
const byStranger = (header) => withHeader({ alg: 'RS256', ...header }, { pair: forge.stranger });
const wrongKeys = {
  'a stranger under a known kid': byStranger({ kid: 'rsa' }),
  'a stranger under a known kid, EC': withHeader(ec, { pair: forge.strangerEc }),
  'a stranger without kid': byStranger({}),
  'a stranger under an unknown kid': byStranger({ kid: 'stranger' }),
  'a known key under an unknown kid': withHeader({ alg: 'RS256', kid: 'stranger' }, { pair: keys.rsa }),
  'a known key under another kid': withHeader({ alg: 'RS256', kid: 'plain' }, { pair: keys.rsa }),
  'jwk in the header': byStranger({ jwk: strangerJwk }),
  'jwk in the header under a known kid': byStranger({ jwk: { ...strangerJwk, kid: 'rsa' }, kid: 'rsa' }),
  'jku in the header': byStranger({ jku: 'https://stranger.example/jwks', kid: 'stranger' }),
  'jku in the header under a known kid': byStranger({ jku: 'https://stranger.example/jwks', kid: 'rsa' }),
  'x5u in the header': byStranger({ x5u: 'https://stranger.example/certificate' }),
  'x5c in the header': byStranger({ x5c: [strangerSpki] }),
  'RSA of 1024 bits': withHeader({ alg: 'RS256', kid: 'small' }, { pair: forge.small }),
  'RSA of 1024 bits, no kid': withHeader({ alg: 'RS256' }, { pair: forge.small }),
  'a key for encryption': withHeader({ alg: 'RS256', kid: 'enc' }),
  'a key for encryption, no kid': withHeader({ alg: 'RS256' }, { pair: keys.enc }),
  'kid with a NUL': withHeader({ alg: 'RS256', kid: 'rsa\0' }, { pair: keys.rsa }),
  'kid in another case': withHeader({ alg: 'RS256', kid: 'RSA' }, { pair: keys.rsa }),
  'kid with a space': withHeader({ alg: 'RS256', kid: 'rsa ' }, { pair: keys.rsa }),
  'kid with SQL': byStranger({ kid: "rsa' OR '1'='1" }),
  'kid a number': withHeader({ alg: 'RS256', kid: 1 }, { pair: keys.rsa }),
  'kid a list': withHeader({ alg: 'RS256', kid: ['rsa'] }, { pair: keys.rsa }),
};

const extensions = {
  'crit that names a claim': withHeader({ ...rsa, crit: ['exp'], exp: now + 600 }),
  'crit that names something unknown': withHeader({ ...rsa, crit: ['urn:example:x'], 'urn:example:x': true }),
  'crit that names what is absent': withHeader({ ...rsa, crit: ['urn:example:x'] }),
  'crit empty': withHeader({ ...rsa, crit: [] }),
  'crit a string': withHeader({ ...rsa, crit: 'b64' }),
  'crit null': withHeader({ ...rsa, crit: null }),
  'b64 true, critical': withHeader({ ...rsa, crit: ['b64'], b64: true }),
  'b64 false, critical': withHeader({ ...rsa, crit: ['b64'], b64: false }),
  'b64 false, not critical': withHeader({ ...rsa, b64: false }),
  'b64 a string': withHeader({ ...rsa, b64: 'false' }),
};

const encrypted = (payload) =>
  new CompactEncrypt(Buffer.from(payload))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'enc' })
    .encrypt(keys.enc.publicKey);
const flattened = await new FlattenedSign(Buffer.from(JSON.stringify(claims())))
  .setProtectedHeader(rsa)
  .sign(keys.rsa.privateKey);
const forms = {
  'encrypted': await encrypted(JSON.stringify(claims())),
  'encrypted, a good token within': await encrypted(good),
  'a good token as payload': byHand({ ...rsa, cty: 'JWT' }, good),
  'JSON serialization': JSON.stringify(flattened),
  'opaque': 'mF_9.B5f-4.1JqM'.replaceAll('.', ''),
  'opaque with dots': 'mF_9.B5f-4.1JqM',
  'dots alone': '..',
  'the signature taken off': `${goodHeader}.${goodPayload}.`,
  'the signature and its dot taken off': `${goodHeader}.${goodPayload}`,
  'the payload taken off': `${goodHeader}..${goodSignature}`,
  'the header taken off': `.${goodPayload}.${goodSignature}`,
  'a dot more': `${good}.`,
  'a part more': `${good}.${goodSignature}`,
  'two dots more': `${good}..`,
  'the payload of another': withPart(good, 1, () => encode(JSON.stringify(claims({ sub: 'mallory' })))),
  'the header of another': withPart(good, 0, () => encode(JSON.stringify({ ...rsa, x: 1 }))),
  'the signature of another': withPart(good, 2, () => withPayload(claims({ sub: 'mallory' })).split('.')[2]),
  'padding in the signature': `${good}==`,
  'padding in the header': signedAs((text) => (text.includes('alg') ? `${encode(text)}=` : encode(text))),
  'the other base64 alphabet': await inOtherAlphabet(),
  'an impossible length': `${good.slice(0, -2)}A${good.slice(-2)}AA`,
  'unused bits set in the signature': withPart(good, 2, spelledOtherwise),
  'unused bits set in the payload': signedAs((text) => (text.includes('iss') ? loose(text) : encode(text))),
  'unused bits set in the header': signedAs((text) => (text.includes('iss') ? encode(text) : loose(text))),
  'a tab within': withPart(good, 1, (text) => `${text.slice(0, 9)}\t${text.slice(9)}`),
  'a space within': withPart(good, 2, (text) => `${text.slice(0, 9)} ${text.slice(9)}`),
  'the scheme before': `Bearer ${good}`,
  'a letter that is no ASCII': `${good}é`,
  'over 16 KiB': await token({ padding: 'x'.repeat(13_000) }),
};

const signatures = {
  'one bit flipped, RSA': withSignature(good, (bytes) => (bytes[20] ^= 1, bytes)),
  'one bit flipped, EC': withSignature(goodEc, (bytes) => (bytes[20] ^= 1, bytes)),
  'one bit flipped, Ed25519': withSignature(goodEd, (bytes) => (bytes[20] ^= 1, bytes)),
  'RSA, a zero before': withSignature(good, (bytes) => joined(zeros(1), bytes)),
  'RSA, a byte less': withSignature(good, (bytes) => bytes.subarray(0, -1)),
  'RSA, a byte more': withSignature(good, (bytes) => joined(bytes, zeros(1))),
  'RSA, all zeros': withSignature(good, (bytes) => zeros(bytes.length)),
  'RSA, the number one': withSignature(good, (bytes) => joined(zeros(bytes.length - 1), Buffer.of(1))),
  'EC in DER': withHeader(ec, { dsaEncoding: 'der' }),
  'EC, r is zero': withSignature(goodEc, (bytes) => joined(zeros(32), bytes.subarray(32))),
  'EC, s is zero': withSignature(goodEc, (bytes) => joined(bytes.subarray(0, 32), zeros(32))),
  'EC, both are zero': withSignature(goodEc, () => zeros(64)),
  'EC, both are the order': withSignature(goodEc, () => joined(...Array(2).fill(forge.toBigEndian(p256Order, 32)))),
  'EC, both are one': withSignature(goodEc, () => joined(zeros(31), Buffer.of(1), zeros(31), Buffer.of(1))),
  'EC, a byte less': withSignature(goodEc, (bytes) => bytes.subarray(0, -1)),
  'EC, a byte more': withSignature(goodEc, (bytes) => joined(bytes, zeros(1))),
  'EC, r and s with a zero before': withSignature(goodEc, (bytes) =>
    joined(zeros(1), bytes.subarray(0, 32), zeros(1), bytes.subarray(32))),
  'EC, r alone': withSignature(goodEc, (bytes) => bytes.subarray(0, 32)),
  'PSS without salt': withHeader({ alg: 'PS256', kid: 'pss' }, { saltLength: 0 }),
  'PSS with the longest salt': withHeader(
    { alg: 'PS256', kid: 'pss' },
    { saltLength: crypto.constants.RSA_PSS_SALTLEN_MAX_SIGN },
  ),
  'Ed25519, s beyond the order': withSignature(goodEd, beyondOrder),
  'Ed25519, a byte less': withSignature(goodEd, (bytes) => bytes.subarray(0, -1)),
  'Ed25519, a byte more': withSignature(goodEd, (bytes) => joined(bytes, zeros(1))),
  'Ed25519, all zeros': withSignature(goodEd, () => zeros(64)),
};

const invalidUtf8 = (text) =>
  Buffer.from(text.replace('alice', 'al\xffice').replace('"rsa"', '"rsa","x":"\xff"'), 'latin1');
const texts = {
  'alg twice': withHeader('{"alg":"none","alg":"RS256","kid":"rsa"}', { alg: 'RS256', pair: keys.rsa }),
  'kid twice': withHeader('{"alg":"RS256","kid":"x","kid":"rsa"}', { alg: 'RS256', pair: keys.rsa }),
  'sub twice': withPayload(claimsText('"sub":"mallory"')),
  'iss twice': withPayload(claimsText('"iss":"https://stranger.example"')),
  'scope twice': withPayload(claimsText('"scope":"admin"')),
  'aud twice, once escaped': withPayload(claimsText('"\\u0061ud":"x"')),
  'a member of a member twice': withPayload(claimsText('"act":{"sub":"a","sub":"b"}')),
  'claims a list': withPayload([claims()]),
  'claims a string': withPayload('"alice"'),
  'claims a number': withPayload('1'),
  'claims null': withPayload('null'),
  'claims empty': withPayload(''),
  'claims with text behind': withPayload(`${JSON.stringify(claims())} x`),
  'claims with a comma too many': withPayload(JSON.stringify(claims()).replace('}', ',}')),
  'claims with a comment': withPayload(claimsText('/* */"x":1')),
  'claims with a byte order mark': withPayload(`\ufeff${JSON.stringify(claims())}`),
  'claims nested too deep': withPayload(claimsText(`"x":${nested(100)}`)),
  'claims nested much too deep': withPayload(claimsText(`"x":${nested(4_000)}`)),
  'claims not in UTF-8': withPayload(invalidUtf8(JSON.stringify(claims()))),
  'header not in UTF-8': withHeader(invalidUtf8(JSON.stringify(rsa)), { alg: 'RS256', pair: keys.rsa }),
  'header nested too deep': withHeader(`{"x":${nested(100)},"alg":"RS256","kid":"rsa"}`, {
    alg: 'RS256',
    pair: keys.rsa,
  }),
  'header a list': withHeader('[]', { alg: 'RS256', pair: keys.rsa }),
  'header empty': withHeader('', { alg: 'RS256', pair: keys.rsa }),
};

const times = {
  'expired an hour ago': await token({ exp: now - 3600 }),
  'expired beyond the leeway': await token({ exp: now - 90 }),
  'exp zero': await token({ exp: 0 }),
  'exp negative': await token({ exp: -1 }),
  'exp a string': await token({ exp: String(now + 600) }),
  'exp the string NaN': await token({ exp: 'NaN' }),
  'exp null': await token({ exp: null }),
  'exp true': await token({ exp: true }),
  'exp a list': await token({ exp: [now + 600] }),
  'exp beyond all numbers': withPayload(claimsText('"exp":1e999', { exp: undefined })),
  'nbf in an hour': await token({ nbf: now + 3600 }),
  'nbf a string': await token({ nbf: String(now) }),
  'iat in an hour': await token({ iat: now + 3600 }),
  'iat a string': await token({ iat: String(now) }),
};

const nobodys = {
  'iss missing': await token({ iss: undefined }),
  'iss empty': await token({ iss: '' }),
  'iss null': await token({ iss: null }),
  'iss a list': await token({ iss: [issuer] }),
  'sub missing': await token({ sub: undefined }),
  'sub empty': await token({ sub: '' }),
  'sub a number': await token({ sub: 1 }),
  'typ a number': await token({}, { header: { typ: 1 } }),
};

const ofOthers = {
  'iss of another': await token({ iss: 'https://stranger.example' }),
  'iss of another, signed by it': byHand({ alg: 'RS256', kid: 'rsa' }, claims({ iss: 'https://stranger.example' }), {
    pair: forge.stranger,
  }),
  'iss with a slash behind': await token({ iss: `${issuer}/` }),
  'iss in capitals': await token({ iss: issuer.toUpperCase() }),
  'iss with more behind': await token({ iss: `${issuer}.stranger.example` }),
  'iss cut short': await token({ iss: issuer.slice(0, -1) }),
};

const forOthers = {
  'aud of another': await token({ aud: 'https://other.example/mcp' }),
  'aud with a slash behind': await token({ aud: `${audience}/` }),
  'aud in capitals': await token({ aud: audience.toUpperCase() }),
  'aud cut short': await token({ aud: audience.slice(0, -1) }),
  'aud a list of others': await token({ aud: ['https://other.example/mcp', `${audience}/`] }),
  'aud a list with a number': await token({ aud: [audience, 1] }),
  'aud an empty list': await token({ aud: [] }),
  'aud missing': await token({ aud: undefined }),
  'aud empty': await token({ aud: '' }),
  'aud a number': await token({ aud: 1 }),
  'aud an object': await token({ aud: { [audience]: true } }),
};

const tooLittle = {
  'scope missing': await token({ scope: undefined }),
  'scope empty': await token({ scope: '' }),
  'scope of two only one': await token({ scope: 'read' }),
  'scope in capitals': await token({ scope: 'READ WRITE' }),
  'scope with commas': await token({ scope: 'read,write' }),
  'scope run together': await token({ scope: 'readwrite' }),
  'scope with longer words': await token({ scope: 'reader writer' }),
  'scope a number': await token({ scope: 1 }),
  'scope a list of one': await token({ scope: ['read write'] }),
};

const strictlyRefused = {
  'strict: exp missing': await token({ exp: undefined }),
  'strict: typ missing': await token({}, { header: { typ: undefined } }),
  'strict: typ JOSE': await token({}, { header: { typ: 'JOSE' } }),
  'strict: typ JWT': await token({}, { header: { typ: 'JWT' } }),
  'strict: jti missing': await token({ jti: undefined }),
  'strict: client_id missing': await token({ client_id: undefined }),
  'strict: iat missing': await token({ iat: undefined }),
};

const otherKinds = {
  'typ of an ID token': await token({}, { header: { typ: 'id+jwt' } }),
  'typ of a logout token': await token({}, { header: { typ: 'logout+jwt' } }),
  'typ of a DPoP proof': await token({}, { header: { typ: 'dpop+jwt' } }),
  'typ of a security event': await token({}, { header: { typ: 'application/secevent+jwt' } }),
  'ID token by at_hash': await token({ at_hash: 'x' }, { header: { typ: 'JWT' } }),
  'ID token by c_hash': await token({ c_hash: 'x' }, { header: { typ: 'JWT' } }),
  'logout token by its event': await token({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
  'refresh token by the claim typ': await token({ typ: 'Refresh' }, { header: { typ: 'JWT' } }),
  'typ of a selective disclosure': await token({}, { header: { typ: 'dc+sd-jwt' } }),
  'ID token by its nonce': await token({ nonce: 'x', scope: undefined, client_id: undefined }, { header: { typ: 'JWT' } }),
  'ID token by token_use': await token({ token_use: 'id' }, { header: { typ: 'JWT' } }),
};

const bound = {
  'bound to a DPoP key': await token({ cnf: { jkt: 'x' } }),
  'bound to a certificate': await token({ cnf: { 'x5t#S256': 'x' } }),
};

const controls = {
  'RS256': good,
  'PS256': await token({}, { kid: 'pss' }),
  'ES256': goodEc,
  'ES384': await token({}, { kid: 'p384' }),
  'EdDSA': goodEd,
  'RS384 by a key for anything': withHeader({ alg: 'RS384', kid: 'plain' }),
  'PS256 by a key for anything': withHeader({ alg: 'PS256', kid: 'plain' }),
  // Not part of the token, at the command line as around a field's value (RFC 9110 §5.5).
  'a space before': ` ${good}`,
  'a space after': `${good} `,
  'no kid': withHeader({ alg: 'ES256' }, { pair: keys.ec }),
  'no kid, several keys fit': withHeader({ alg: 'RS256' }, { pair: keys.plain }),
  'no typ': await token({}, { header: { typ: undefined } }),
  'typ that means nothing': await token({}, { header: { typ: 'JOSE' } }),
  'typ JWT': await token({}, { header: { typ: 'JWT' } }),
  'Ed25519 by its own name': await token({}, { kid: 'ed', header: { alg: 'Ed25519' } }),
  'another jwk in the header': await token({}, { header: { jwk: strangerJwk } }),
  'EC, the other s': withSignature(goodEc, highS),
  'aud a list': await token({ aud: ['https://other.example/mcp', audience] }),
  'scope a list': await token({ scope: ['read', 'write'] }),
  'scope in another order, and more': await token({ scope: 'write admin read' }),
  'scopes': await token({ scope: undefined, scopes: ['read', 'write'] }),
  'scp': await token({ scope: undefined, scp: ['read', 'write'] }),
  'client in azp': await token({ client_id: undefined, azp: 'robot' }),
  'no client': await token({ client_id: undefined }),
  'no exp': await token({ exp: undefined }),
  'expired within the leeway': await token({ exp: now - 2 }),
  'nbf within the leeway': await token({ nbf: now + 40 }),
  'exp with a fraction': await token({ exp: now + 600.5 }),
  'claims with spaces': withPayload(JSON.stringify(claims(), null, 2)),
  'claims nested': withPayload(claimsText(`"x":${nested(50)}`)),
  'letters of all kinds': await token({ name: 'Zoë 🔑 \u0000' }),
  'almost 16 KiB': await token({ padding: 'x'.repeat(11_000) }),
};

const strictlyAccepted = {
  'strict: typ at+jwt': good,
  'strict: typ application/at+jwt': await token({}, { header: { typ: 'application/at+jwt' } }),
  'strict: typ in capitals': await token({}, { header: { typ: 'AT+JWT' } }),
};

const keyOrSignature = ['key', 'signature'];
const groups = [
  ['invalid_token', ['algorithm', 'format'], notSigned],
  ['invalid_token', keyOrSignature, confused],
  ['invalid_token', [...keyOrSignature, 'format'], wrongKeys],
  ['invalid_token', ['format'], extensions, texts],
  ['invalid_token', ['format', 'signature'], forms],
  ['invalid_token', ['signature'], signatures],
  ['invalid_token', ['expiry', 'not_before', 'issued_at', 'format'], times],
  ['invalid_token', ['issuer', 'subject', 'type'], nobodys],
  ['invalid_issuer', ['issuer'], ofOthers],
  ['invalid_audience', ['audience'], forOthers],
  ['missing_required_scopes', ['scopes'], tooLittle],
  ['missing_bearer_token', ['format'], { nothing: '' }],
  ['invalid_token', ['type'], otherKinds],
  ['invalid_token', ['binding'], bound],
  ['invalid_token', ['expiry', 'type'], strictlyRefused],
  [null, [], controls, strictlyAccepted],
];

console.log(JSON.stringify({ issuer, audience, scopes: ['read', 'write'], jwks: await forge.keySet(), now }));
for (const [expected, checks, ...lists] of groups) {
  for (const [name, compact] of lists.flatMap(Object.entries)) {
    console.log(JSON.stringify({ name, token: compact, expected, checks, strict: name.startsWith('strict:') }));
  }
}
