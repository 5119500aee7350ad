/**
 * A server and a client on real XState actors of the chart, with channels of arrays between them: written after the adapters and not
 * after the checker's model, to hold the one against the other. What may be done next is a list; who walks chooses.
 */
import { createActor } from 'xstate';
import {
  configurationOf,
  type RegistrationEvent,
  type Seat,
  seated,
} from '../../../machines/index.js';
import {
  type GlobalState,
  toClient,
  toServer,
} from '../../../machines/registration/product/global-state.js';

type Request = 'valid' | 'invalid' | 'other';
type Event = 'EventAck' | 'EventError' | 'OtherEvent';

/** A message that the server has read. */
interface Read {
  readonly kind: Request;
  isAnswered: boolean;
}
interface Owed {
  readonly kind: 'valid' | 'invalid' | 'error';
  readonly to: Read | null;
}

const delays = { registrationTimeout: 10_000, rejectionTimeout: 5_000 };
const timers = Object.values(delays);

/** A clock whose timers expire only when the test fires them. */
class HandClock {
  readonly running = new Map<number, () => void>();
  setTimeout(fn: () => void, delay: number): number {
    this.running.set(delay, fn);
    return delay;
  }
  clearTimeout(delay: number): void {
    this.running.delete(delay);
  }
  runOut(delay: number): void {
    const fn = this.running.get(delay);
    this.running.delete(delay);
    fn?.();
  }
}

/** Something that may be done next. */
export interface Move {
  readonly run: () => void;
  /** It is the end of a side or of the connection: a walk that does it often sees little. */
  readonly ends: boolean;
}

const goes = (run: () => void): Move => ({ run, ends: false });
const ends = (run: () => void): Move => ({ run, ends: true });

export class RealSeats {
  readonly #clock = new HandClock();
  readonly #read = new Set<Read>();
  #connection: 'none' | 'up' | 'lost' = 'none';
  #inbox: Request[] = [];
  #outbox: Event[] = [];
  #owed: Owed[] = [];
  #served: Read[] = [];
  #reading: Read | null = null;
  #isLeaving = false;
  #wasGranted = false;
  #serverClosed = false;
  #clientClosed = false;
  #waits = false;
  #isRude = false;
  #unexpected = false;
  readonly #bound: number;
  readonly #server;
  readonly #client;

  constructor(bound: number) {
    this.#bound = bound;
    const server: Seat['actions'] = {
      validate: () => this.#owe(this.#reading?.kind === 'valid' ? 'valid' : 'invalid'),
      settle: () => {
        this.#owed = this.#owed.filter(({ kind }) => kind === 'error');
      },
      refuse: () => this.#owe('error'),
      registerAgain: () => this.#owe('error'),
      granted: () => {
        this.#wasGranted = true;
      },
      deliver: ({ type }) => {
        if (type === 'OtherMessage' && this.#reading) this.#served.push(this.#reading);
      },
      unexpected: () => {
        this.#unexpected = true;
      },
      disconnect: () => {
        this.#serverClosed = true;
        this.#inbox = [];
      },
    };
    const client: Seat['actions'] = {
      validate: () => {
        this.#waits = true;
      },
      settle: () => {
        this.#waits = false;
      },
      unexpected: () => {
        this.#unexpected = true;
      },
      disconnect: () => {
        this.#clientClosed = true;
        this.#waits = this.#isRude = false;
        this.#outbox = [];
      },
    };
    this.#server = createActor(seated({ actions: server, delays }), { clock: this.#clock });
    const kept = { registrationTimeout: 1, rejectionTimeout: 2 };
    this.#client = createActor(seated({ actions: client, delays: kept }), {
      clock: new HandClock(),
    });
    this.#server.start();
    this.#client.start();
  }

  /** What may be done next, in a fixed order. */
  moves(): Move[] {
    if (this.#serverClosed && this.#clientClosed) return [];
    const moves: Move[] = [];
    if (this.#connection === 'none') {
      moves.push(goes(() => this.#set('up')));
      moves.push(ends(() => this.#set('lost')));
    } else if (this.#connection === 'up') moves.push(ends(() => this.#set('lost')));
    if (!this.#serverClosed) moves.push(...this.#serverMoves());
    if (!this.#clientClosed) moves.push(...this.#clientMoves());
    return moves;
  }

  /** Where everything is, as the checker writes it. */
  world(names: { server: readonly string[]; client: readonly string[] }): GlobalState {
    const owing = { valid: 1, invalid: 2, error: 3 };
    const open = [...this.#read].filter(({ isAnswered }) => !isAnswered);
    const remembered = new Set([...this.#owed.map(({ to }) => to), ...this.#served]);
    const forgotten = open.filter((one) => !remembered.has(one));
    return {
      link: ['none', 'up', 'lost'].indexOf(this.#connection),
      server: names.server.indexOf(configurationOf(this.#server.getSnapshot())),
      timers: timers.reduce((bits, delay, at) => {
        return this.#clock.running.has(delay) ? bits | (1 << at) : bits;
      }, 0),
      owes: queue(this.#owed.map(({ kind }) => owing[kind])),
      serving: this.#served.length,
      open: open.length - forgotten.length,
      isForgotten: Number(forgotten.length > 0),
      isLeaving: Number(this.#isLeaving),
      wasGranted: Number(this.#wasGranted),
      serverClosed: Number(this.#serverClosed),
      client: names.client.indexOf(configurationOf(this.#client.getSnapshot())),
      waits: Number(this.#waits),
      clientClosed: Number(this.#clientClosed),
      isRude: Number(this.#isRude),
      toServer: queue(this.#inbox.map((kind) => toServer[kind])),
      toClient: queue(this.#outbox.map((event) => toClient[event])),
    };
  }

  #set(connection: 'up' | 'lost'): void {
    this.#connection = connection;
    this.#inbox = [];
    this.#outbox = [];
  }

  *#serverMoves(): Generator<Move> {
    const configuration = configurationOf(this.#server.getSnapshot());
    const isConnected = configuration !== 'connecting';
    for (const delay of timers) {
      if (this.#clock.running.has(delay)) {
        yield ends(() => {
          this.#clock.runOut(delay);
          this.#forgetAtEnd();
        });
      }
    }
    if (this.#connection === 'lost') yield goes(() => this.#tellServer(gone('transport-error')));
    else if (!isConnected) {
      if (this.#connection === 'up') yield goes(() => this.#tellServer({ type: 'Connected' }));
    } else if (!this.#isLeaving && this.#owed.length === 0) {
      const [next] = this.#inbox;
      if (next && this.#served.length < this.#bound) yield goes(() => this.#readNext());
      if (!next && this.#clientClosed) yield goes(() => this.#tellServer(gone('peer-closed')));
    }
    if (!isConnected) return;
    yield ends(() => this.#tellServer(gone('server-closed')));
    if (!this.#hasRoom()) return;
    const [owed] = this.#owed;
    if (owed) yield goes(() => this.#answer('EventError'));
    if (owed?.kind === 'valid') yield goes(() => this.#answer('EventAck'));
    for (const event of ['EventAck', 'EventError', 'OtherEvent'] as const) {
      if (this.#served.length > 0) {
        yield goes(() => {
          const read = this.#served.shift();
          if (read) read.isAnswered = true;
          this.#say(event);
        });
      }
      if (this.#isLeaving || (event === 'EventAck' && owed && owed.kind !== 'error')) continue;
      // Before the registration, only EventError is tried; the chart's own tests show that other events have no effect.
      if (configuration !== 'registered' && event !== 'EventError') continue;
      const isFarewell = configuration !== 'registered';
      const run = () => {
        this.#isLeaving = isFarewell;
        this.#say(event);
      };
      yield isFarewell ? ends(run) : goes(run);
    }
  }

  *#clientMoves(): Generator<Move> {
    const isConnected = configurationOf(this.#client.getSnapshot()) !== 'connecting';
    if (this.#connection === 'lost') yield goes(() => this.#client.send(gone('transport-error')));
    else if (!isConnected) {
      if (this.#connection === 'up') yield goes(() => this.#client.send({ type: 'Connected' }));
    } else if (this.#outbox.length > 0) {
      yield goes(() => this.#client.send({ type: this.#outbox.shift() as Event }));
    } else if (this.#serverClosed) yield goes(() => this.#client.send(gone('peer-closed')));
    if (!isConnected) return;
    yield ends(() => this.#client.send(gone('client-closed')));
    if (this.#waits) yield ends(() => this.#client.send(gone('reply-timeout')));
    const vanishes = this.#connection === 'lost' || this.#serverClosed;
    if (!vanishes && this.#inbox.length >= this.#bound) return;
    for (const kind of ['valid', 'invalid', 'other'] as const) {
      yield goes(() => {
        if (!vanishes) this.#inbox.push(kind);
        this.#unexpected = false;
        this.#client.send({ type: kind === 'other' ? 'OtherMessage' : 'RequestRegisterClient' });
        if (this.#unexpected) this.#isRude = true;
      });
    }
  }

  #owe(kind: Owed['kind']): void {
    this.#owed.push({ kind, to: this.#reading });
  }

  #readNext(): void {
    const kind = this.#inbox.shift() as Request;
    this.#reading = { kind, isAnswered: false };
    this.#read.add(this.#reading);
    this.#tellServer({ type: kind === 'other' ? 'OtherMessage' : 'RequestRegisterClient' });
    this.#reading = null;
  }

  #answer(event: Event): void {
    const owed = this.#owed.shift();
    if (owed?.to) owed.to.isAnswered = true;
    this.#say(event);
  }

  #say(event: Event): void {
    if (this.#connection === 'up' && !this.#clientClosed) this.#outbox.push(event);
    this.#tellServer({ type: event });
  }

  #hasRoom(): boolean {
    const vanishes = this.#connection === 'lost' || this.#clientClosed;
    return vanishes || this.#outbox.length < this.#bound;
  }

  #tellServer(event: RegistrationEvent): void {
    this.#server.send(event);
    this.#forgetAtEnd();
  }

  /** Who leaves or is gone owes nothing any more. */
  #forgetAtEnd(): void {
    if (!this.#isLeaving && !this.#serverClosed) return;
    this.#owed = [];
    this.#served = [];
    this.#read.clear();
  }
}

function gone(
  reason: 'transport-error' | 'peer-closed' | 'server-closed' | 'client-closed' | 'reply-timeout',
) {
  return { type: 'Disconnected', reason } as const;
}

function queue(things: readonly number[]): number {
  return things.reduce((sum, thing, at) => sum + thing * 4 ** at, 0);
}
