/** A real gate in a separate process with clients, and the facts about it from `/sessions` and the recording. */
import { type SessionSummary, sessionsOf } from '../../../machines/index.js';
import { type Running, serving } from '../../cli/ixgate.js';
import { type LineClient, lineClient, registerRequest } from '../../support/line-client.js';
import { recordedIn } from '../../support/recordings.js';

/**
 * In milliseconds. No deadline expires between the comparison of pages and gate and the loss of the connection: otherwise the expected
 * state of a page would be random.
 */
const delays = { registration: 540_000, rejection: 300_000 } as const;

/** The facts about a gate at one moment. */
export interface Facts {
  /** By id, in the order in which they started. */
  readonly sessions: ReadonlyMap<string, SessionSummary>;
  /** Milliseconds left of running deadlines at `at`, by session. */
  readonly deadlines: ReadonlyMap<string, number>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export const nothingKnown: Facts = { sessions: new Map(), deadlines: new Map(), at: 0 };

export interface GateRunOptions {
  readonly folder: string;
  /** A file with a list of clients. */
  readonly clients: string;
  readonly token: string;
}

type Listed = {
  readonly id: string;
  readonly state: string;
  readonly askedAs: string | null;
  readonly deadline: number | null;
};

/** One run of the gate, from its start to its end. */
export class GateRun implements AsyncDisposable {
  readonly token: string;
  readonly startedAt = Date.now();
  /** When it ended; infinite while it runs. */
  endedAt = Number.POSITIVE_INFINITY;
  /** The prefix of its session ids; null before the first session. */
  prefix: string | null = null;
  readonly #folder: string;
  readonly #gate: Awaited<ReturnType<typeof serving>>;
  readonly clients: LineClient[] = [];
  #names = 0;

  static async start({ folder, clients, token }: GateRunOptions): Promise<GateRun> {
    const gate = await serving([
      ...['--admin', 'http://127.0.0.1:0', '--admin-token', token],
      ...['--record', folder, '--clients', clients, '--drain', '60s'],
      ...['--registration-timeout', `${delays.registration}ms`],
      ...['--rejection-timeout', `${delays.rejection}ms`],
    ]);
    return new GateRun(gate, folder, token);
  }

  private constructor(gate: Awaited<ReturnType<typeof serving>>, folder: string, token: string) {
    this.#gate = gate;
    this.#folder = folder;
    this.token = token;
  }

  get adminPort(): number {
    return Number(new URL(this.#gate.admin).port);
  }

  /** A client that connects and sends nothing. */
  async connect(): Promise<LineClient> {
    const client = await lineClient(this.#gate.port);
    this.clients.push(client);
    return client;
  }

  async register(clientName?: string): Promise<LineClient> {
    const client = await this.connect();
    this.#names += 1;
    await client.ask(registerRequest({ clientName: clientName ?? `desk-${this.#names}` }));
    return client;
  }

  /** A registered client's request. */
  async request(client: LineClient): Promise<void> {
    await client.ask({ messageName: 'RequestAgentLogin', referenceId: 2, agentId: '1001' });
  }

  hangUp(client: LineClient): void {
    client.socket.end();
    this.clients.splice(this.clients.indexOf(client), 1);
  }

  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#gate.child.kill(signal);
  }

  async ended(): Promise<void> {
    await (this.#gate as Running).ended;
    this.endedAt = Math.min(this.endedAt, Date.now());
  }

  /** What the recording has, checked against `/sessions` while the gate runs. */
  async facts(): Promise<Facts> {
    const listed = this.endedAt === Number.POSITIVE_INFINITY ? await this.#listed() : null;
    const at = Date.now();
    const recording = await recordedIn(this.#folder, this.#gate.child.pid);
    const sessions = new Map<string, SessionSummary>();
    for (const [id, { summary }] of sessionsOf(recording.steps)) sessions.set(id, summary);
    const [first = null] = sessions.keys();
    this.prefix ??= first?.replace(/\d+$/, '') ?? null;
    if (listed) assertSame(listed, sessions);
    const running = (listed ?? []).filter(({ deadline }) => deadline !== null);
    return {
      sessions,
      deadlines: new Map(running.map(({ id, deadline }) => [id, deadline ?? 0])),
      at,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate[Symbol.asyncDispose]();
    await Promise.all(this.clients.map((client) => client[Symbol.asyncDispose]()));
  }

  async #listed(): Promise<readonly Listed[]> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(new URL('/sessions', this.#gate.admin), {
      headers,
      signal: AbortSignal.timeout(5_000),
    });
    if (!answer.ok) throw new Error(`/sessions answered ${answer.status}`);
    return ((await answer.json()) as { sessions: Listed[] }).sessions;
  }
}

/** The recording is written a moment after `/sessions` changes: on a difference it throws, so that the caller tries again. */
function assertSame(
  listed: readonly Listed[],
  recorded: ReadonlyMap<string, SessionSummary>,
): void {
  const line = (id: string, state: string, name: string | null) => `${id} ${state} ${name}`;
  const live = [...recorded.values()].filter(({ state }) => state !== 'disconnected');
  const one = listed.map(({ id, state, askedAs }) => line(id, state, askedAs)).sort();
  const other = live.map(({ session, state, clientName }) => line(session, state, clientName));
  if (one.join('\n') === other.sort().join('\n')) return;
  throw new Error(`/sessions has ${one.join(', ')}; the recording has ${other.join(', ')}`);
}
