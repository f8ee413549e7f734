// node jose.mjs FOLDER: microseconds that jose's jwtVerify takes for a token, keys imported before: "RS256 180.1".
import { readFileSync } from 'node:fs';
import { load } from './packages.mjs';

const { createLocalJWKSet, jwtVerify } = await load('jose');
const folder = process.argv[2];
const keys = createLocalJWKSet(JSON.parse(readFileSync(`${folder}/jwks.json`, 'utf8')));
const rules = { issuer: 'https://login.example', audience: 'https://mcp.example/mcp' };
const warmUpMs = 500;
const measuredMs = 2000;

const verifyFor = async (token, milliseconds) => {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < milliseconds) {
    await jwtVerify(token, keys, rules);
    count += 1;
  }
  return ((performance.now() - started) * 1000) / count;
};

for (const alg of ['RS256', 'ES256']) {
  const token = readFileSync(`${folder}/${alg}.token`, 'utf8');
  await verifyFor(token, warmUpMs);
  console.log(alg, (await verifyFor(token, measuredMs)).toFixed(1));
}
