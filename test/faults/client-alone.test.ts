/** One client has one connection, and each request one outcome, whatever the server does and in any order. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../adapters/client/index.js';
import {
  ack,
  codeOf,
  error,
  granting,
  type Line,
  scripted,
  tidyAfterEach,
} from '../client/scripted-server.js';

tidyAfterEach();

const identity = { clientName: 'desk-1', clientType: 'AgentApplication' } as const;

/** Behaviours of a server towards a registration. */
const treatments: Record<
  string,
  (line: Line, socket: Socket, say: (what: Line | string) => void) => void
> = {
  'closes at once': (_line, socket) => socket.end(),
  resets: (_line, socket) => socket.resetAndDestroy(),
  'is silent': () => {},
  'sends an invalid frame': (_line, _socket, say) => say('nonsense\n'),
  'is busy': (line, _socket, say) => say(error(line, 6, 'later')),
  'is busy and closes': (line, socket, say) => {
    say(error(line, 7, 'bye'));
    socket.end();
  },
  'answers half and closes': (_line, socket) => socket.end('{"messageName":"Event'),
  'grants and closes': (line, socket, say) => {
    say(ack(line));
    socket.end();
  },
  'grants and resets': (line, socket, say) => {
    say(ack(line));
    setImmediate(() => socket.resetAndDestroy());
  },
  'grants and sends an invalid frame': (line, _socket, say) => {
    say(ack(line));
    say('[]\n');
  },
  'grants and hangs': (line, _socket, say) => {
    if (line.messageName === 'RequestRegisterClient') say(ack(line));
  },
};

/** A server that applies the given behaviours to its connections in order and then grants; it counts the concurrent connections. */
async function countingServer(plan: readonly string[]) {
  let open = 0;
  let most = 0;
  let accepted = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const treatment = treatments[plan[accepted] ?? ''];
    accepted += 1;
    open += 1;
    most = Math.max(most, open);
    sockets.add(socket);
    let isOpen = true;
    // The client considers the connection closed at its end; the socket here closes a little later.
    const left = () => {
      if (isOpen) open -= 1;
      isOpen = false;
    };
    socket.on('end', left);
    socket.on('error', left);
    socket.on('close', () => {
      left();
      sockets.delete(socket);
    });
    const say = (what: Line | string) =>
      socket.write(typeof what === 'string' ? what : `${JSON.stringify(what)}\n`);
    let rest = '';
    socket.on('data', (bytes) => {
      const lines = (rest + bytes).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        const line = JSON.parse(text) as Line;
        if (treatment) treatment(line, socket, say);
        else say(ack(line));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    most: () => most,
    accepted: () => accepted,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Counts the open sockets of clients of this process, from creation to close. */
function clientSockets() {
  const counted = { open: 0, most: 0, stop: () => unsubscribe('net.client.socket', made) };
  const made = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    counted.open += 1;
    counted.most = Math.max(counted.most, counted.open);
    socket.once('close', () => {
      counted.open -= 1;
    });
  };
  subscribe('net.client.socket', made);
  return counted;
}

describe('A client', () => {
  it('T35: never has two connections at once, as counted by its server and by the process', async () => {
    const plans = fc.array(fc.constantFrom(...Object.keys(treatments)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const server = await countingServer(plan);
        const sockets = clientSockets();
        const desk = createClient({
          ...identity,
          endpoints: server.endpoint,
          replyTimeout: 20,
          ping: { interval: 10, timeout: 10, message: { messageName: 'RequestPing' } },
          reconnect: { initialDelay: 0, spread: 0 },
        });
        // As often as planned, and then permanently.
        await new Promise<void>((resolve) => {
          desk.on('registered', () => server.accepted() > plan.length && resolve());
        });
        await desk.request({ messageName: 'RequestPing' });
        await desk.close();
        server.close();
        sockets.stop();
        expect(server.most()).toBe(1);
        expect(sockets.most).toBe(1);
        expect(sockets.open).toBe(0);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

/** The next action: a request with a behaviour of the server, or an event that affects all requests. */
const asks = ['ack', 'ack twice', 'error', 'never', 'later', 'abort', 'drop'] as const;
const steps = fc.array(fc.constantFrom(...asks, 'turn', 'close'), { minLength: 1, maxLength: 14 });

describe('Requests', () => {
  it('each settle exactly once: answers, second answers, errors, drops, timeouts, aborts and the close, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const held: Line[] = [];
        const server = await scripted(
          granting((line, peer) => {
            const answer = ack(line, { tag: line.tag });
            if (line.ask === 'ack') peer.say(answer);
            else if (line.ask === 'ack twice') peer.say(answer, answer);
            else if (line.ask === 'error') peer.say({ ...error(line, 51, 'no'), tag: line.tag });
            else if (line.ask === 'later' || line.ask === 'abort') held.push(answer);
            else if (line.ask === 'drop') peer.socket.end();
            if (line.ask !== 'later') peer.say(...held.splice(0));
          }),
        );
        const desk = createClient({
          ...identity,
          endpoints: server.endpoint,
          reconnect: { initialDelay: 1, spread: 1 },
        });
        const events: unknown[] = [];
        desk.on('event', ({ tag }) => events.push(tag));
        await desk.registered;
        const settled: { ask: string; tag: number; outcomes: unknown[] }[] = [];
        const all: Promise<void>[] = [];
        const controllers: AbortController[] = [];
        for (const [tag, ask] of plan.entries()) {
          if (ask === 'turn') await new Promise((resolve) => setImmediate(resolve));
          else if (ask === 'close') void desk.close();
          else {
            const controller = new AbortController();
            controllers.push(controller);
            const one = { ask, tag, outcomes: [] as unknown[] };
            settled.push(one);
            all.push(
              desk
                .request(
                  { messageName: 'RequestX', ask, tag },
                  { timeout: 60, signal: controller.signal },
                )
                .then(
                  (reply) => one.outcomes.push(reply.tag),
                  (reason) => one.outcomes.push(codeOf(reason) ?? reason),
                )
                .then(() => {}),
            );
            if (ask === 'abort') setImmediate(() => controller.abort('aborted'));
          }
        }
        await Promise.all(all);
        await desk.close();
        await server.close();
        const anyway = ['DISCONNECTED', 'CLIENT_CLOSED', 'REPLY_TIMEOUT'];
        for (const { ask, tag, outcomes } of settled) {
          expect(outcomes).toHaveLength(1);
          const proper = { error: 'REQUEST_REFUSED', abort: 'aborted' }[ask as string];
          // Each request gets only its own answer.
          expect([tag, proper, ...anyway]).toContain(outcomes[0]);
          // Each answer that was sent is at most one event or one outcome.
          const told = events.filter((one) => one === tag).length;
          const answered = outcomes[0] === tag || outcomes[0] === 'REQUEST_REFUSED' ? 1 : 0;
          expect(told + answered).toBeLessThanOrEqual(ask === 'ack twice' ? 2 : 1);
          // The second answer arrived with the first.
          if (ask === 'ack twice' && outcomes[0] === tag && !plan.includes('close'))
            expect(told).toBe(1);
        }
        for (const { signal } of controllers)
          expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
