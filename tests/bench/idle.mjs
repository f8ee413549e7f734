// node idle.mjs PORT COUNT: opens COUNT connections to 127.0.0.1, says "ready", and holds them without sending anything. They come
// from several loopback addresses, since a server counts them by address.
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
const perAddress = 900;
let open = 0;
const next = (index) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${2 + Math.floor(index / perAddress)}` });
    socket.once('connect', resolve);
    socket.once('error', reject);
    socket.once('close', () => {
      console.error(`connection ${index} was closed`);
      process.exit(1);
    });
  });

for (; open < count; open += 1) await next(open);
console.log('ready');
