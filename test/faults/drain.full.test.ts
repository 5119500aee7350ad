import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Endpoint, parseEndpoint } from '../../adapters/net/transports/index.js';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { type Line, serving } from '../cli/ixgate.js';
import { closedOf } from '../support/closed.js';
import { temporaryFolder } from '../support/folder.js';
import { registerRequest } from '../support/line-client.js';
import { recordedIn } from '../support/recordings.js';
import { WireClient } from '../support/wire-client.js';

/** The events of one client, from its registration to the end of its connection. */
interface Seen {
  readonly name: string;
  readonly messages: Line[];
  readonly leaves: boolean;
  isOver: boolean;
  wasReset: boolean;
  closeCode: number | null;
}

/** Workers that register clients until the server stops listening; clients stay until the server ends them. */
class Load {
  readonly seen: Seen[] = [];
  readonly #endpoints: readonly Endpoint[];
  readonly #clients: Promise<void>[] = [];
  readonly #waiting: { registered: number; resolve: () => void }[] = [];
  readonly #workers: Promise<void>[];
  #registered = 0;

  constructor(endpoints: readonly Endpoint[], workers: number) {
    this.#endpoints = endpoints;
    this.#workers = Array.from({ length: workers }, (_, worker) => this.#work(worker));
  }

  /** Resolves when this many are registered. */
  registered(registered: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ registered, resolve }));
  }

  /** Resolves when the server has stopped listening and every connection has ended. */
  async over(): Promise<void> {
    await Promise.all(this.#workers);
    await Promise.all(this.#clients);
  }

  async #work(worker: number): Promise<void> {
    // Bounded in case the gate never ends.
    for (let round = 0; round < 1_000; round += 1) {
      const endpoint = this.#endpoints[round % this.#endpoints.length] as Endpoint;
      const client = await WireClient.open(endpoint).catch(() => null);
      if (client === null) return;
      const seen: Seen = {
        name: `desk-${worker}-${round}`,
        messages: [],
        leaves: round % 3 === 0,
        isOver: false,
        wasReset: false,
        closeCode: null,
      };
      client.raw.socket.on('error', () => {
        seen.wasReset = true;
      });
      this.seen.push(seen);
      client.say(registerRequest({ clientName: seen.name }));
      const first = await client.next();
      this.#clients.push(this.#rest(client, seen, first));
    }
  }

  async #rest(client: WireClient, seen: Seen, first: Line | null): Promise<void> {
    for (let message = first; message; message = await client.next()) {
      seen.messages.push(message);
      if (message.messageName === 'EventAck') this.#count();
      // Some disconnect when asked to, the others stay as long as they may.
      if (message.errorCode === 7 && seen.leaves) client.raw.webSocket?.close();
      if (message.errorCode === 7 && seen.leaves) client.raw.stream.end();
    }
    seen.isOver = true;
    seen.closeCode = client.closeCode;
  }

  #count(): void {
    this.#registered += 1;
    for (const { registered, resolve } of this.#waiting) {
      if (this.#registered >= registered) resolve();
    }
  }
}

const listen = ['--listen', 'tcp://127.0.0.1:0', '--listen', 'ws://127.0.0.1:0'];
const admin = ['--admin', 'http://127.0.0.1:0'];

it.each(['SIGTERM', 'SIGINT'] as const)(
  'T36: %s under load: registered clients are notified, pending registrations get an answer or the close, and the drain ends in time with 0',
  async (signal) => {
    await using folder = await temporaryFolder();
    const drain = 1_500;
    const record = ['--record', folder.path, '--record-sync', 'always'];
    await using gate = await serving([...listen, ...admin, ...record, '--drain', `${drain}ms`]);
    const endpoints = gate.endpoints.map(parseEndpoint);
    const unregistered = await WireClient.open(endpoints[0] as Endpoint);
    const load = new Load(endpoints, 8);
    await load.registered(200);

    const start = performance.now();
    gate.child.kill(signal);
    expect(await unregistered.next()).toMatchObject({ errorCode: 7, referenceId: null });
    expect(await unregistered.next()).toBeNull();
    // The admin port answers until the end: alive, and not ready.
    expect((await fetch(`${gate.admin}/readyz`)).status).toBe(503);
    expect((await fetch(`${gate.admin}/healthz`)).status).toBe(200);
    await load.over();
    expect(await gate.ended).toBe(0);
    const took = performance.now() - start;
    expect(gate.stderr).toBe('');

    const acked = load.seen.filter(({ messages: [first] }) => first?.messageName === 'EventAck');
    expect(acked.length).toBeGreaterThanOrEqual(200);
    for (const { messages, isOver, wasReset, leaves, closeCode } of acked) {
      // Registered, notified, ended; nothing else, and nothing lost in a reset.
      expect(messages).toMatchObject([{ messageName: 'EventAck' }, { errorCode: 7 }]);
      expect({ isOver, wasReset }).toEqual({ isOver: true, wasReset: false });
      if (!leaves && closeCode !== null) expect(closeCode).toBe(1001);
    }
    for (const { messages, isOver } of load.seen.filter((one) => !acked.includes(one))) {
      expect(isOver).toBe(true);
      // The only permitted message has the reason.
      for (const message of messages) expect(message).toMatchObject({ errorCode: 7 });
    }

    // Clients that stayed had exactly the drain time, plus a second or two for data in transit.
    expect(took).toBeGreaterThanOrEqual(drain);
    expect(took).toBeLessThan(drain + 10_000);

    // The log and the recording have each acknowledged registration and its end.
    const lines = gate.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const logged = (event: string) =>
      new Set(lines.filter((line) => line.event === event).map(({ clientName }) => clientName));
    const { steps, problems } = await recordedIn(folder.path);
    expect(problems).toEqual([]);
    const sessions = new Map<string, string[]>();
    for (const { session, name, payload } of steps) {
      const names = sessions.get(session) ?? [];
      sessions.set(session, names);
      names.push(name === 'RequestRegisterClient' ? String(payload?.clientName) : name);
    }
    const recorded = new Map([...sessions.values()].map((names) => [names[1], names]));
    for (const { name } of acked) {
      expect(logged('registered')).toContain(name);
      expect(logged('disconnected')).toContain(name);
      expect(recorded.get(name)).toEqual([
        'Connected',
        name,
        'EventAck',
        'EventError',
        'Disconnected',
      ]);
    }
  },
  60_000,
);

it('T36: registrations that wait for a hanging validator do not delay the end', async () => {
  // A web service that accepts calls and never answers.
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  await using gate = await serving([
    ...['--validator', `http://127.0.0.1:${port}/`, '--validator-timeout', '1h'],
    ...['--registration-timeout', '1h', '--drain', '1h', '--max-validations', '2'],
  ]);
  const endpoint = parseEndpoint(gate.endpoint);
  const clients = await Promise.all(Array.from({ length: 5 }, () => WireClient.open(endpoint)));
  const asked = new Promise((resolve) => silent.once('connection', resolve));
  for (const client of clients) client.say(registerRequest());
  await asked;
  gate.child.kill('SIGTERM');
  for (const client of clients) {
    expect(await client.next()).toMatchObject({ messageName: 'EventError', errorCode: 7 });
    expect(await client.next()).toBeNull();
  }
  expect(await gate.ended).toBe(0);
  silent.close();
});

it('T36: unfinished handshakes and upgrades do not delay the end', async () => {
  await using folder = await temporaryFolder();
  const { cert, key } = await selfSigned();
  await writeFile(join(folder.path, 'cert.pem'), cert);
  await writeFile(join(folder.path, 'key.pem'), key);
  await using gate = await serving(
    [
      ...['tls', 'wss', 'ws'].flatMap((scheme) => ['--listen', `${scheme}://127.0.0.1:0`]),
      ...['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'],
      ...['--drain', '1h', '--registration-timeout', '1h'],
    ],
    { cwd: folder.path },
  );
  const sockets = gate.endpoints.map((endpoint) => {
    const { port } = parseEndpoint(endpoint);
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    // The beginning of a ClientHello, or of a request.
    socket.write(endpoint.startsWith('ws:') ? 'GET / HTTP/1.1\r\n' : Buffer.of(22, 3, 1, 2, 0));
    return { socket, closed: closedOf(socket.resume()) };
  });
  await Promise.all(sockets.map(({ socket }) => once(socket, 'connect')));
  gate.child.kill('SIGTERM');
  await Promise.all(sockets.map(({ closed }) => closed));
  expect(await gate.ended).toBe(0);
  expect(gate.stderr).toBe('');
});
