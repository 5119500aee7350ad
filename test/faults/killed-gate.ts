/** A gate in a separate process that is killed under load and restarted, and its clients. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient, type GateClient } from '../../adapters/client/index.js';
import { sessionsOf } from '../../machines/index.js';
import { serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { recordedIn } from '../support/recordings.js';

/** The maximum wait of the clients, in milliseconds. */
export const backOffCap = 300;
const names = Array.from({ length: 10 }, (_, index) => `desk-${index + 1}`);

/** The results of one life of the gate. */
export interface Life {
  /** Names whose registration a client saw acknowledged, in order; a client that reconnected twice is listed twice. */
  readonly acknowledged: readonly string[];
  /** Names of the recorded registrations, in order. */
  readonly recorded: readonly string[];
  readonly recording: Awaited<ReturnType<typeof recordedIn>>;
  /** Names of the permanent clients, as the gate listed them when all were registered. */
  readonly owners: readonly string[];
  /** Names that had two registered sessions at once, according to the recording. */
  readonly doubles: readonly string[];
  /** How long each client waited after the gate listened, in milliseconds, by name. */
  readonly waits: ReadonlyMap<string, readonly number[]>;
  /** Milliseconds from the gate's first log line until the last client was registered. */
  readonly backAfter: number;
}

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

export class KilledGate implements AsyncDisposable {
  readonly #folder: Folder;
  readonly #port: number;
  readonly #clients: readonly GateClient[];
  #acknowledged: string[] = [];
  #waits = new Map<string, number[]>();
  #guests = 0;
  #wake: () => void = () => {};

  /** The permanent clients exist from the beginning; `live` starts the gate. */
  static async open(): Promise<KilledGate> {
    const folder = await temporaryFolder();
    const clients = [...names.map((name) => ({ name, cap: 1 })), { pattern: 'guest-*', cap: 1 }];
    await writeFile(join(folder.path, 'clients.json'), JSON.stringify({ clients }));
    return new KilledGate(folder, await freePort());
  }

  private constructor(folder: Folder, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.#clients = names.map((clientName) => {
      const client = createClient({
        endpoints: `tcp://127.0.0.1:${port}`,
        clientName,
        clientType: 'AgentApplication',
        reconnect: { initialDelay: 20, maxDelay: backOffCap },
      });
      client.on('registered', () => this.#isAcknowledged(clientName));
      client.on('waiting', (delay) => {
        this.#waits.set(clientName, [...(this.#waits.get(clientName) ?? []), delay]);
      });
      return client;
    });
  }

  /**
   * Starts the gate. Kills it when every permanent client is registered and `guests` others, which register and disconnect all the time, have been acknowledged
   * since.
   */
  async live(guests: number): Promise<Life> {
    const acknowledged: string[] = [];
    this.#acknowledged = acknowledged;
    const { path } = this.#folder;
    const records = join(path, 'records');
    const recording = ['--record', records, '--record-sync', 'always', '--record-size', '32KiB'];
    const listen = ['--listen', `tcp://127.0.0.1:${this.#port}`, '--admin', 'http://127.0.0.1:0'];
    const list = ['--clients', join(path, 'clients.json')];
    await using gate = await serving([...listen, ...recording, ...list]);
    this.#waits = new Map();
    const since = performance.now();
    const load = Array.from({ length: 6 }, () => this.#comeAndGo());
    await this.#until('registered', (client) => client.state === 'online');
    const backAfter = performance.now() - since;
    const waits = this.#waits;
    this.#waits = new Map();
    const owners = await ownersAt(gate.admin);
    const enough = acknowledged.length + guests;
    while (acknowledged.length < enough) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    gate.child.kill('SIGKILL');
    await gate.ended;
    await Promise.all(load);
    await this.#until('disconnected', (client) => client.state !== 'online');
    const recorded = await recordedIn(records, gate.child.pid);
    return {
      acknowledged,
      recording: recorded,
      ...ownership(recorded.steps),
      owners,
      waits,
      backAfter,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#folder[Symbol.asyncDispose]();
  }

  #isAcknowledged(name: string): void {
    this.#acknowledged.push(name);
    this.#wake();
  }

  async #until(event: 'registered' | 'disconnected', holds: (client: GateClient) => boolean) {
    for (const client of this.#clients) while (!holds(client)) await once(client, event);
  }

  /** Registers under one new name after the other, until the gate is gone. */
  async #comeAndGo(): Promise<void> {
    for (;;) {
      this.#guests += 1;
      const clientName = `guest-${this.#guests}`;
      try {
        await using client = await lineClient(this.#port);
        const answer = await client.ask(registerRequest({ clientName }));
        if (answer === null) return;
        if (answer.messageName === 'EventAck') this.#isAcknowledged(clientName);
      } catch {
        return;
      }
    }
  }
}

/** The permanent clients that are registered. */
async function ownersAt(admin: string): Promise<string[]> {
  const { sessions } = await fetch(`${admin}/sessions`).then((answer) => answer.json());
  const registered = (sessions as { clientName: string; state: string }[]).filter(
    ({ state, clientName }) => state === 'registered' && names.includes(clientName),
  );
  return registered.map(({ clientName }) => clientName).sort();
}

/** The registered names, and which of them were registered twice at once, from the steps in order of time. */
function ownership(steps: Life['recording']['steps']): Pick<Life, 'recorded' | 'doubles'> {
  const sessions = sessionsOf(steps);
  const recorded: string[] = [];
  const doubles: string[] = [];
  const registered = new Set<string>();
  for (const { session, from, to } of steps) {
    const name = sessions.get(session)?.summary.clientName ?? '';
    if (to === 'registered' && from !== 'registered') {
      if (registered.has(name)) doubles.push(name);
      registered.add(name);
      recorded.push(name);
    } else if (to === 'disconnected' && from === 'registered') registered.delete(name);
  }
  return { recorded, doubles };
}

/** Below the ephemeral port range: a client must not connect to itself. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** Lost registrations: names in `acknowledged` that are missing, or not as frequent, in `recorded`. */
export function lost({ acknowledged, recorded }: Life): string[] {
  const left = [...recorded];
  return acknowledged.filter((name) => {
    const index = left.indexOf(name);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

export const stayingNames: readonly string[] = [...names].sort();
