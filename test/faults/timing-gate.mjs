/**
 * A gate with an allow-list, in a separate process: `node timing-gate.mjs FILE [NAME MICROSECONDS]`. For NAME the validator
 * takes that much longer, to check that the test would notice. Prints its port.
 */
import { createServer } from '../../dist/adapters/server/index.js';
import { allowList } from '../../dist/adapters/validators/index.js';

const [file, name, microseconds = 0] = process.argv.slice(2);
const list = await allowList(file);
const gate = await createServer({
  listen: ['tcp://127.0.0.1:0'],
  registrationTimeout: 600_000,
  rejectionTimeout: 600_000,
  maxErrors: 1_000_000,
  validator(request, context) {
    if (request.clientName === name) {
      const until = performance.now() + microseconds / 1_000;
      while (performance.now() < until);
    }
    return list(request, context);
  },
});
console.log(gate.endpoints[0].port);
