/** A gate whose path to a client is cut without a FIN, in a separate network namespace: `unshare -rn node cut-path-child.mjs PUSH`. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer } from '../../dist/adapters/server/index.js';

const ip = (...args) => execFileSync('ip', args);
const [pushes] = process.argv.slice(2);

ip('link', 'set', 'lo', 'up');
for (const address of ['10.9.9.1/32', '10.9.9.2/32', '10.9.9.3/32'])
  ip('addr', 'add', address, 'dev', 'lo');

const server = await createServer({
  listen: ['tcp://10.9.9.1:0'],
  validator: () => ({ valid: true, cap: 1 }),
});
const [endpoint] = server.endpoints;

async function register(localAddress) {
  const socket = connect({ host: endpoint.host, port: endpoint.port, localAddress });
  socket.on('error', () => {});
  const lines = createInterface({ input: socket });
  const answer = once(lines, 'line');
  const request = {
    messageName: 'RequestRegisterClient',
    referenceId: 1,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
  };
  socket.write(`${JSON.stringify(request)}\n`);
  const [line] = await answer;
  return { socket, answer: JSON.parse(line) };
}

const first = await register('10.9.9.2');
// From here on no packet passes in either direction.
ip('addr', 'del', '10.9.9.2/32', 'dev', 'lo');
if (pushes === 'push') server.session(server.sessions()[0].id).send({ messageName: 'EventInvite' });
const disconnected = once(server, 'disconnected');
const start = performance.now();
const second = await register('10.9.9.3');
const [session, reason, error] = await disconnected;
const result = {
  first: first.answer.messageName,
  second: second.answer.messageName,
  ms: performance.now() - start,
  reason,
  code: error?.code,
  lost: session.info().remoteAddress,
  registered: server.sessions().filter(({ state }) => state === 'registered').length,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
