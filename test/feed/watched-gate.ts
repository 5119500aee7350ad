/** A real gate with its feed on an admin port, and viewers written with a plain WebSocket and none of the project's code. */
import { once } from 'node:events';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { type AdminPort, openAdminPort } from '../../adapters/admin/admin-port.js';
import { type FeedOptions, SessionFeed } from '../../adapters/feed/index.js';
import { memoryPair } from '../../adapters/net/transports/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import type { FeedMessage, SessionSummary, StepRecord } from '../../machines/index.js';
import { type LineClient, lineClient, registerRequest } from '../support/line-client.js';

export type Said<Type extends FeedMessage['type']> = Extract<FeedMessage, { type: Type }>;

export interface WatchedGate {
  readonly server: GateServer;
  readonly feed: SessionFeed;
  readonly admin: AdminPort;
  /** A client on TCP. */
  client(): Promise<LineClient>;
  /** A viewer that was greeted. */
  viewer(): Promise<TestViewer>;
}

const open: (() => Promise<void>)[] = [];

/** Call once at the top of a test file that opens gates. */
export function closeWatchedGatesAfterEach(): void {
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
}

export async function watchedGate(
  options: Partial<FeedOptions> & {
    server?: ServerOptions;
    admin?: Parameters<typeof openAdminPort>[1];
  } = {},
): Promise<WatchedGate> {
  const { server: serverOptions, admin: adminOptions, ...feedOptions } = options;
  const server = await createServer({ listen: ['tcp://127.0.0.1:0'], ...serverOptions });
  const feed = new SessionFeed(server, {
    gate: 'ixgate test',
    delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
    ...feedOptions,
  });
  const upgrades = { '/feed': feed };
  const admin = await openAdminPort(server, {
    listen: 'http://127.0.0.1:0',
    upgrades,
    ...adminOptions,
  });
  open.push(
    () => server.close(),
    () => admin.close(),
  );
  return {
    server,
    feed,
    admin,
    async client() {
      const client = await lineClient(server.endpoints[0]?.port ?? 0);
      open.push(async () => void client.socket.destroy());
      return client;
    },
    viewer: () => TestViewer.open(`${admin.url.replace('http', 'ws')}/feed`),
  };
}

export class TestViewer {
  readonly socket: WebSocket;
  /** Everything that was said to it, the hello first. */
  readonly messages: FeedMessage[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      for (const look of [...this.#waiting]) look();
    });
    this.closed = once(socket, 'close').then(([code]) => code as number);
  }

  static async open(url: string, options: WebSocket.ClientOptions = {}): Promise<TestViewer> {
    const viewer = new TestViewer(new WebSocket(url, options));
    open.push(async () => viewer.socket.terminate());
    await Promise.race([
      viewer.until(() => viewer.messages.length > 0),
      viewer.closed.then((code) => Promise.reject(new Error(`closed with ${code}`))),
    ]);
    return viewer;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves when a condition holds; looked at after every message. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  all<Type extends FeedMessage['type']>(type: Type): Said<Type>[] {
    return this.messages.filter((message): message is Said<Type> => message.type === type);
  }

  /** The first of a kind, when it has come. */
  async first<Type extends FeedMessage['type']>(type: Type): Promise<Said<Type>> {
    await this.until(() => this.all(type).length > 0);
    return this.all(type)[0] as Said<Type>;
  }

  /** The list as received so far. */
  get list(): Map<string, SessionSummary> {
    const list = new Map<string, SessionSummary>();
    for (const { sessions, removed } of this.all('sessions')) {
      for (const session of removed) list.delete(session);
      for (const summary of sessions) list.set(summary.session, summary);
    }
    return list;
  }

  get totals() {
    return this.all('sessions').at(-1)?.totals;
  }

  /** The steps of a session so far. */
  steps(session: string): StepRecord[] {
    return this.all('steps')
      .filter((message) => message.session === session)
      .flatMap(({ steps }) => steps);
  }
}

/** Sessions that come, register and go, twenty at a time, over no network. */
export async function passThrough(server: GateServer, count: number, name = 'desk'): Promise<void> {
  for (let done = 0; done < count; done += 20) {
    const batch = Array.from({ length: Math.min(20, count - done) }, (_, index) =>
      passOne(server, `${name}-${done + index + 1}`),
    );
    await Promise.all(batch);
  }
}

function passOne(server: GateServer, clientName: string): Promise<void> {
  const [near, far] = memoryPair();
  server.accept(far);
  return new Promise((resolve) => {
    near.start({
      data: () => near.close('done'),
      end() {},
      drain() {},
      fault() {},
      closed: () => resolve(),
    });
    near.write(Buffer.from(`${JSON.stringify(registerRequest({ clientName }))}\n`));
  });
}

/** As many sessions more as are wanted, told with the steps of a real one: what a gate tells costs less than to be one. */
export async function retold(server: GateServer, count: number): Promise<void> {
  const steps: StepRecord[] = [];
  const record = (step: StepRecord) => void steps.push(step);
  server.on('step', record);
  await passOne(server, 'desk-1');
  server.off('step', record);
  for (let number = 2; number <= count; number += 1) {
    for (const step of steps)
      server.emit('step', { ...step, session: `${step.session}-${number}` });
  }
}
