/** A gate and clients on controlled connections, with a record of the events of each. */
import { vi } from 'vitest';
import type { GateClient } from '../../adapters/client/index.js';
import { attempt } from '../../adapters/net/transports/attempt.js';
import { tcpTransport } from '../../adapters/net/transports/tcp.js';
import { GateServer, type ServerOptions } from '../../adapters/server/index.js';
import type { DisconnectReason } from '../../machines/index.js';
import {
  type ControlledConnection,
  controlledPair,
  type Network,
  type Pair,
} from './controlled-pair.js';
import { type Interleaving, pendingTimers } from './interleaving.js';

/** The events of one session of the gate. */
export interface SessionLife {
  readonly id: string;
  readonly connection: ControlledConnection;
  readonly events: string[];
  reason: DisconnectReason | null;
}

/** A gate that does not listen: the test passes connections to it. */
export class RacingGate {
  readonly server: GateServer;
  readonly lives: SessionLife[] = [];
  readonly problems: Error[] = [];
  readonly #interleaving: Interleaving;
  #arriving: ControlledConnection | null = null;
  isClosed = false;
  /** Running timers after the close; only its own if no other object has any. */
  timersLeft = 0;

  constructor(interleaving: Interleaving, options: ServerOptions) {
    this.#interleaving = interleaving;
    this.server = new GateServer({
      ...options,
      onMessage: (request) => {
        this.#happened(request.session.id, `requested ${request.message.messageName}`);
        return options.onMessage?.(request);
      },
    });
    const { server } = this;
    server.on('connected', ({ id }) => {
      const connection = this.#arriving as ControlledConnection;
      this.lives.push({ id, connection, events: [], reason: null });
      this.#happened(id, 'connected');
    });
    server.on('registered', ({ id }) => this.#happened(id, 'registered'));
    server.on('disconnected', ({ id }, reason) => {
      this.#happened(id, `disconnected ${reason}`);
      const life = this.lives.find((one) => one.id === id);
      if (life) life.reason = reason;
    });
    server.on('problem', (error) => this.problems.push(error));
  }

  accept(connection: ControlledConnection): void {
    this.#arriving = connection;
    this.server.accept(connection);
  }

  lifeOn(connection: ControlledConnection): SessionLife | undefined {
    return this.lives.find((life) => life.connection === connection);
  }

  close(drainMs = 0): void {
    this.#interleaving.say(`the gate is closed (drain ${drainMs} ms)`);
    void this.server.close({ drainMs }).then(() => {
      this.isClosed = true;
      this.timersLeft = this.#interleaving.timers;
    });
  }

  #happened(id: string, what: string): void {
    this.#interleaving.say(`gate: session ${id.split('-').at(-1)} ${what}`);
    this.lives.find((life) => life.id === id)?.events.push(what);
  }
}

/** Connects clients over controlled pairs. */
export class Dialing {
  readonly pairs: Pair[] = [];

  /**
   * @param accept gets the other end, at its own time
   * @param refuses whether the attempt with this number, from 0, is rejected
   * @param isOpened called synchronously when the client is connected
   */
  constructor(
    interleaving: Interleaving,
    network: Network,
    accept: (connection: ControlledConnection) => void,
    refuses: (attempt: number) => boolean = () => false,
    isOpened: () => void = () => {},
  ) {
    vi.spyOn(tcpTransport, 'connect').mockImplementation((endpoint, options) =>
      attempt(endpoint, options, ({ opened, failed }) => {
        const count = this.pairs.length;
        const pair = controlledPair(interleaving, network, count === 0 ? '' : ` ${count + 1}`);
        this.pairs.push(pair);
        if (refuses(count)) {
          interleaving.later('connection refused', () => failed(new Error('ECONNREFUSED')));
          return () => {};
        }
        // The system sets up a connection by itself: either side may be notified first.
        interleaving.later(`arrival at ${pair.gate.name}`, () => accept(pair.gate));
        interleaving.later(`connected at ${pair.client.name}`, () => {
          opened(pair.client);
          isOpened();
        });
        return () => pair.client.destroy();
      }),
    );
  }

  get current(): Pair | undefined {
    return this.pairs.at(-1);
  }

  /** Calls of either side on a connection that it had closed. */
  get misuse(): string[] {
    return this.pairs.flatMap(({ client, gate }) => [...client.misuse, ...gate.misuse]);
  }
}

/** The events of a client, in order. */
export function eventsOf(client: GateClient, interleaving: Interleaving): string[] {
  const events: string[] = [];
  const happened = (what: string) => {
    events.push(what);
    interleaving.say(`client: ${what}`);
  };
  client.on('connecting', () => happened('connecting'));
  client.on('registered', () => happened('registered'));
  client.on('refused', () => happened('refused'));
  client.on('event', ({ messageName }) => happened(`event ${messageName}`));
  client.on('disconnected', (reason) => happened(`disconnected ${reason}`));
  client.on('waiting', () => happened('waiting'));
  client.on('stopped', () => happened('stopped'));
  return events;
}

/** Leaks of a gate without clients, and of the process. */
export function leftOvers({ server }: RacingGate): Record<string, number> {
  const { open, unregistered, registered, validationsRunning, validationsWaiting } =
    server.counts();
  return {
    open,
    unregistered,
    registered,
    validationsRunning,
    validationsWaiting,
    sessions: server.sessions().length,
    timers: pendingTimers(),
  };
}

export const nothingLeft = {
  open: 0,
  unregistered: 0,
  registered: 0,
  validationsRunning: 0,
  validationsWaiting: 0,
  sessions: 0,
  timers: 0,
};

/** Whether a session's life is valid: registered at most once, ended exactly once, and nothing after that. */
export const wholeLife = /^connected(,registered(,requested [^,]+)*)?,disconnected [a-z-]+$/;

/** The events of a client's attempts, in order. */
export const wholeStory =
  /^(connecting,((registered,(event [^,]+,)*)|refused,)?disconnected [a-z-]+,(waiting,)?)*stopped$/;
