// The peers are those that tests/interop pins.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { resolve } = createRequire(new URL('../interop/package.json', import.meta.url));

export const load = (name) => import(pathToFileURL(resolve(name)));
