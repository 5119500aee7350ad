// ixgate, as the library makes it: ixgate.mjs [--runner actor|table] [--scheme tcp|tls|ws] [--record FOLDER] [--feed].
import { parseArgs } from 'node:util';
import { createServer } from '../../dist/adapters/server/index.js';
import { tell } from './tell.mjs';

const { values } = parseArgs({
  options: {
    runner: { type: 'string' },
    scheme: { type: 'string', default: 'tcp' },
  },
});
const server = await createServer({ listen: [`${values.scheme}://127.0.0.1:0`], runner: values.runner });
tell(server.endpoints[0].port);
