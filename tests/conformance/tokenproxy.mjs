// Passes requests on with an access token: tokenproxy.mjs ORIGIN TOKEN. Prints "listening URL" and runs until it is ended.
// The suite's scenarios for servers send no token, so this is how a server that wants one is tested.
import http from 'node:http';

const [origin, token] = process.argv.slice(2);
const server = http.createServer((request, response) => {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const { method, url: path } = request;
  const passed = http.request(new URL(path, origin), { method, headers, setHost: false }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  response.on('close', () => passed.destroy());
  request.pipe(passed);
});
server.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${server.address().port}`));
