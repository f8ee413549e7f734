// The official client of 2026 against one server: eras.mjs OPTIONS, a JSON object of
//   url      the MCP server's, with the tools of `mcp-auth conformance-server`; or
//   command  [program, ...arguments] that is such a server on its standard input and output
//   mode     "legacy", or "auto": what the server speaks best
//   token    sent with every request, where the server wants one
// Prints one JSON object: what it saw of each feature; {error} when it could not go on.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const { url, command, mode, token } = JSON.parse(process.argv[2]);
const headers = token ? { Authorization: `Bearer ${token}` } : {};
const transport = command
  ? new StdioClientTransport({ command: command[0], args: command.slice(1), env: process.env })
  : new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
const client = new Client(
  { name: 'interop', version: '1' },
  { capabilities: { elicitation: {}, sampling: {}, roots: {} }, versionNegotiation: { mode } },
);
const seen = { errors: [], logs: [], progress: [], changes: 0 };
client.onerror = (error) => seen.errors.push(error.message);
client.setRequestHandler('elicitation/create', ({ params }) => {
  const names = Object.keys(params.requestedSchema.properties);
  return { action: 'accept', content: Object.fromEntries(names.map((name) => [name, `a ${name}`])) };
});
client.setRequestHandler('sampling/createMessage', () => ({
  role: 'assistant',
  content: { type: 'text', text: 'sampled' },
  model: 'none',
  stopReason: 'endTurn',
}));
client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///root' }] }));
client.setNotificationHandler('notifications/message', ({ params }) => seen.logs.push(params.data));

let changed;
const change = new Promise((resolve) => (changed = resolve));
client.setNotificationHandler('notifications/tools/list_changed', () => {
  ++seen.changes;
  changed();
});

const textOf = (result) => result.content.map((block) => block.text ?? block.type).join(' ');
const call = async (name, args = {}, options = {}) => textOf(await client.callTool({ name, arguments: args }, options));

async function report() {
  await client.connect(transport);
  seen.revision = client.getNegotiatedProtocolVersion();
  seen.server = client.getServerVersion()?.name;
  seen.capabilities = Object.keys(client.getServerCapabilities()).sort();
  seen.tools = (await client.listTools()).tools.length;
  seen.text = await call('test_simple_text');
  seen.custom = await call('test_custom_header', { region: 'eu, naïve' });
  seen.failure = await call('test_error_handling');
  await call('test_tool_with_progress', {}, { onprogress: ({ progress }) => seen.progress.push(progress) });
  seen.elicited = await call('test_elicitation', { message: 'Who?' });
  seen.sampled = await call('test_sampling', { prompt: 'Say.' });
  seen.rounds = await call('test_input_required_result_multi_round');
  seen.resource = (await client.readResource({ uri: 'test://static-text' })).contents[0].text;
  seen.template = JSON.parse((await client.readResource({ uri: 'test://template/7/data' })).contents[0].text).id;
  seen.unknown = await client.readResource({ uri: 'test://none' }).catch(({ code }) => code);
  const prompt = { name: 'test_prompt_with_arguments', arguments: { arg1: 'one', arg2: 'two' } };
  seen.prompt = (await client.getPrompt(prompt)).messages[0].content.text;
  const argument = { name: 'arg1', value: 'test' };
  const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' };
  seen.completion = (await client.complete({ ref, argument })).completion.values;
  if (seen.revision === '2026-07-28') await client.listen({ toolsListChanged: true });
  await call('test_tool_with_logging');
  await call('test_trigger_tool_change');
  await change;
}

try {
  await report();
} catch (error) {
  seen.error = `${error.name} ${error.code ?? ''}: ${error.message}`;
}
process.stdout.write(JSON.stringify(seen));
await client.close();
process.exit(0);
