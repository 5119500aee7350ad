/** A process without ixgate: a service of xstate 4 that shows itself with the genuine @xstate/inspect. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { WebSocketServer } from 'ws';

const require = createRequire(
  new URL('../../adapters/xstate-inspector/package.json', import.meta.url),
);
const { inspect } = require('@xstate/inspect/lib/server.js');
const { createMachine, interpret } = require('xstate');

const door = {
  id: 'door',
  predictableActionArguments: true,
  initial: 'closed',
  context: { times: 0 },
  states: {
    closed: { on: { OPEN: 'open', LOCK: { target: 'locked', cond: 'hasKey' } } },
    open: {
      description: 'The door is open.',
      type: 'parallel',
      on: { CLOSE: 'closed' },
      states: {
        light: { initial: 'off', states: { off: { on: { SWITCH: 'on' } }, on: {} } },
        alarm: { initial: 'quiet', states: { quiet: { after: { 60000: 'loud' } }, loud: {} } },
      },
    },
    locked: { type: 'final' },
  },
};

const server = new WebSocketServer({ port: Number(process.argv[2] ?? 0), host: '127.0.0.1' });
await once(server, 'listening');
inspect({ server });
const machine = createMachine(door, { guards: { hasKey: () => true } });
const service = interpret(machine, { devTools: true }).start();
process.on('message', (event) => service.send(event));
server.on('connection', (socket) => {
  process.send({ viewers: server.clients.size });
  socket.on('close', () => process.send({ viewers: server.clients.size }));
});
process.send({ port: server.address().port, sessionId: service.sessionId });
