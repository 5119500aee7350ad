/** Registrations through a fault proxy: a real gate, a real client, and the outcome at each. */
import { createClient, type GateClient } from '../../adapters/client/index.js';
import { parseEndpoint, type Scheme } from '../../adapters/net/transports/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import type { DisconnectReason, StepRecord } from '../../machines/index.js';
import { type TestCertificates, testCertificates } from './certificates.js';
import { type Fault, FaultProxy } from './fault-proxy.js';

/** The outcome at one side. */
export interface Side {
  readonly registered: boolean;
  /** `handshake-failed` when the server never had a session. */
  readonly reason: DisconnectReason;
  readonly error: Error | null;
  readonly steps: readonly StepRecord[];
}

export interface Outcome {
  readonly fault: Fault | null;
  /** Whether the fault happened before the client had registered or failed to register. */
  readonly struck: boolean;
  /** The error that rejected `registered` of the client; null when it resolved. */
  readonly refusal: unknown;
  readonly client: Side;
  readonly server: Side;
  readonly proxy: FaultProxy;
  /** Bytes passed when the client was connected, and when it was registered, if it was. */
  readonly passed: { connected: Passed; registered: Passed };
}

/** Bytes of each direction. */
export interface Passed {
  readonly up: Buffer;
  readonly down: Buffer;
}

function passedBy({ up, down }: FaultProxy): Passed {
  return { up: Buffer.concat(up.passed), down: Buffer.concat(down.passed) };
}

/** The `reason` of a side, and whether it had been registered: `registered, peer-closed`. */
export function inWords({ client, server }: Outcome): string {
  const side = ({ registered, reason }: Side) => (registered ? `registered, ${reason}` : reason);
  return `${side(client)} | ${side(server)}`;
}

export interface Patience {
  /** Milliseconds. */
  readonly server: number;
  /** In milliseconds, for the connection and for the answer. */
  readonly client: number;
}

interface Sitting {
  readonly steps: StepRecord[];
  registered: boolean;
}

/** Milliseconds after which an exchange counts as hung. */
const lost = 30_000;

export class Exchanges implements AsyncDisposable {
  readonly server: GateServer;
  readonly #scheme: Scheme;
  readonly #patience: Patience;
  readonly #certificates: TestCertificates;
  readonly #sittings = new Map<string, Sitting>();
  /** The outcome of each connection at the server, and the tests that wait for it, by the port of the client. */
  readonly #ended = new Map<number, Side>();
  readonly #waiting = new Map<number, (side: Side) => void>();
  #count = 0;

  static async open(
    scheme: Scheme,
    patience: Patience = { server: 20_000, client: 20_000 },
    options: ServerOptions = {},
  ): Promise<Exchanges> {
    const certificates = await testCertificates();
    const { cert, key } = certificates.server;
    const server = await createServer({
      listen: [parseEndpoint(`${scheme}://127.0.0.1:0`)],
      tls: { cert, key },
      registrationTimeout: patience.server,
      ...options,
    });
    return new Exchanges(server, scheme, patience, certificates);
  }

  private constructor(
    server: GateServer,
    scheme: Scheme,
    patience: Patience,
    certificates: TestCertificates,
  ) {
    this.server = server;
    this.#scheme = scheme;
    this.#patience = patience;
    this.#certificates = certificates;
    const sitting = (id: string) => {
      const known = this.#sittings.get(id) ?? { steps: [], registered: false };
      this.#sittings.set(id, known);
      return known;
    };
    server.on('step', (step) => {
      sitting(step.session).steps.push(step);
      // The record of the last step is emitted after the event of the end.
      if (step.to === 'disconnected') this.#sittings.delete(step.session);
    });
    server.on('registered', ({ id }) => {
      sitting(id).registered = true;
    });
    server.on('disconnected', (session, reason, error) =>
      this.#end(session.info().remotePort, { ...sitting(session.id), reason, error }),
    );
    server.on('handshake-failed', ({ remotePort, error }) =>
      this.#end(remotePort, { registered: false, reason: 'handshake-failed', error, steps: [] }),
    );
  }

  /** Runs one registration through a proxy with a fault, until both sides have ended. */
  async run(fault: Fault | null = null): Promise<Outcome> {
    await using proxy = await FaultProxy.open(this.server.endpoints[0]?.port ?? 0, fault);
    const client = this.#client(proxy.port);
    const steps: StepRecord[] = [];
    const passed = { connected: passedBy(proxy), registered: passedBy(proxy) };
    client.on('step', (step) => {
      steps.push(step);
      if (step.name === 'Connected') passed.connected = passedBy(proxy);
      if (step.to === 'registered') passed.registered = passedBy(proxy);
    });
    const left = new Promise<[DisconnectReason, Error | null]>((resolve) =>
      client.once('disconnected', (...why) => resolve(why)),
    );
    const watch = { at: 'registering' };
    const work = async (): Promise<Outcome> => {
      const refusal: unknown = await client.registered.then(
        () => null,
        (error) => error,
      );
      const registered = refusal === null;
      const { struck } = proxy;
      const isEnded = struck && (fault?.kind === 'cut' || fault?.kind === 'reset');
      watch.at = 'client leaving';
      if (registered && !isEnded) void client.close();
      if (registered && fault?.kind === 'stall') proxy.release();
      const [reason, error] = await left;
      await client.close();
      watch.at = 'server leaving';
      const server = await this.#left(await proxy.carried);
      const came = { registered, reason, error, steps };
      return { fault, struck, refusal, client: came, server, proxy, passed };
    };
    const timer = { handle: undefined as NodeJS.Timeout | undefined };
    const tooLong = new Promise<never>((_, reject) => {
      timer.handle = setTimeout(() => {
        const said = JSON.stringify({ fault, ...watch, struck: proxy.struck, steps });
        reject(new Error(`an exchange hangs: ${said}`));
      }, lost);
    });
    try {
      return await Promise.race([work(), tooLong]);
    } finally {
      clearTimeout(timer.handle);
      void client.close();
    }
  }

  /** Runs many exchanges, `atOnce` concurrently, and passes each outcome to the callback when it is known. */
  async runAll(
    faults: readonly Fault[],
    atOnce: number,
    heard: (outcome: Outcome) => void,
  ): Promise<void> {
    const queue = [...faults];
    const worker = async () => {
      for (let fault = queue.shift(); fault; fault = queue.shift()) heard(await this.run(fault));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  close(): Promise<void> {
    return this.server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #client(port: number): GateClient {
    this.#count += 1;
    return createClient({
      endpoints: `${this.#scheme}://127.0.0.1:${port}`,
      clientName: `desk-${String(this.#count).padStart(6, '0')}`,
      clientType: 'AgentApplication',
      tls: { ca: this.#certificates.ca },
      reconnect: false,
      connectTimeout: this.#patience.client,
      replyTimeout: this.#patience.client,
    });
  }

  #end(port: number, side: Side): void {
    const waiting = this.#waiting.get(port);
    this.#waiting.delete(port);
    if (waiting) waiting(side);
    else this.#ended.set(port, side);
  }

  #left(port: number): Promise<Side> {
    const side = this.#ended.get(port);
    this.#ended.delete(port);
    if (side) return Promise.resolve(side);
    return new Promise((resolve) => this.#waiting.set(port, resolve));
  }
}
