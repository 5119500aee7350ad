// A gate of a cluster for the bench, of the built package: gate.mjs URL CLUSTER NODE CAP, with cap 0 for names without one.
import { createServer } from '../../dist/adapters/server/index.js';
import { tell } from '../servers/tell.mjs';

const [store, cluster, node, cap] = process.argv.slice(2);
const verdict = { valid: true, ...(cap !== '0' && { cap: Number(cap) }) };
const server = await createServer({
  listen: ['tcp://127.0.0.1:0'],
  namePolicy: 'takeover',
  validator: () => verdict,
  directory: { store, cluster, node },
});
server.on('problem', (error) => process.stderr.write(`${node}: ${error.message}\n`));
tell(server.endpoints[0].port);
process.once('SIGTERM', async () => {
  await server.close();
  process.exit();
});
