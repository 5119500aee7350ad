/**
 * A gate in a separate process, so that measurements cover it alone: `node --expose-gc load-gate.mjs OPTIONS`, with the options of
 * createServer in JSON. It rejects clients whose name begins with 'stranger', and `stranger-slow` a turn later; it answers messages of registered clients.
 */
import { closeSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer } from '../../dist/adapters/server/index.js';
import { answer } from './load-answers.mjs';
import { measures } from './load-probe.mjs';

const problems = [];

const verdict = { valid: false, reason: 'unknown client' };
const gate = await createServer({
  listen: ['tcp://127.0.0.1:0'],
  // A machine that runs other tests delays every event loop; tests that need this limit set it.
  maxLag: 60_000,
  validator: ({ clientName }) => {
    if (!clientName.startsWith('stranger')) return { valid: true };
    return clientName.startsWith('stranger-slow') ? nextTurn(verdict) : verdict;
  },
  onMessage: ({ message, reply }) =>
    void reply.ack(message.bytes === undefined ? {} : { text: 'x'.repeat(message.bytes) }),
  ...JSON.parse(process.argv[2]),
});
gate.on('problem', ({ code, message, cause }) => {
  problems.push({ code: code ?? null, message, cause: cause?.code ?? null });
});

const held = [];

answer({
  ...measures,
  ports: () => gate.endpoints.map(({ port }) => port),
  counts: () => gate.counts(),
  problems: () => problems,
  /** Opens files until the system has none left. */
  useDescriptorsUp() {
    try {
      for (;;) held.push(openSync('/dev/null'));
    } catch ({ code }) {
      return { opened: held.length, code };
    }
  },
  giveDescriptorsBack() {
    for (const one of held.splice(0)) closeSync(one);
  },
  close: () => gate.close(),
});
process.send({ ready: true });
