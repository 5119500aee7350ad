/** The `inspect` callback of ixgate: it tells an inspector what the actors of an app do. */
import type { InspectionEvent } from 'xstate';
import {
  actorMessage,
  eventMessage,
  gapMessage,
  type InspectedRef,
  snapshotMessage,
  transitionsIn,
} from './actor-messages.js';
import { KnownActors } from './known-actors.js';
import type { Inspector, InspectorSettings } from './options.js';
import type { ConnectSocket, InspectorSocket } from './socket.js';
import { elapsed, startTimer, stopTimer, type Timer } from './timers.js';

/** Milliseconds for which messages are gathered. */
const gathering = 10;
/** Milliseconds of work for one batch: the app goes on in between. */
const longestBatch = 4;
/** Milliseconds after a batch that did not send all. */
const pause = 20;
/** Maximum length of a batch. */
const largestBatch = 262_144;
/** Bytes that the socket holds before messages wait. */
const mostUnsent = 4_194_304;
/** Milliseconds until the next attempt to connect: the first, and the longest. */
const firstRetry = 250;
const longestRetry = 5_000;
/** Milliseconds between two looks at what waits. */
const flushPause = 5;

/** A message that waits. It is written when it is sent. */
type Waiting =
  | { readonly kind: 'actor'; readonly actor: InspectedRef }
  | {
      readonly kind: 'event';
      readonly actor: InspectedRef;
      readonly source: string | null;
      readonly event: object;
    }
  | {
      readonly kind: 'snapshot';
      readonly actor: InspectedRef;
      readonly event: object;
      readonly snapshot: unknown;
      readonly transitions: ReturnType<typeof transitionsIn>;
    };

/** See `createInspector`. @param connect how to connect on this platform */
export class InspectorClient implements Inspector {
  readonly #connect: ConnectSocket;
  readonly #url: string;
  readonly #maxWaiting: number;
  readonly #known = new KnownActors();
  /** The transitions of actors since their last snapshot. */
  readonly #taken = new WeakMap<object, ReturnType<typeof transitionsIn>>();
  /** Taken messages at the start are null. */
  #waiting: (Waiting | null)[] = [];
  /** Index of the oldest waiting message. */
  #next = 0;
  #missing = 0;
  #socket: InspectorSocket | null = null;
  #isOpen = false;
  #isClosed = false;
  /** Whether this connection got the definition of every actor. */
  #hasToldAll = false;
  #retry = firstRetry;
  #timer: Timer | null = null;

  constructor(connect: ConnectSocket, { url, maxWaiting }: InspectorSettings) {
    this.#connect = connect;
    this.#url = url;
    this.#maxWaiting = maxWaiting;
    this.#open();
  }

  readonly inspect = (event: InspectionEvent): void => {
    if (this.#isClosed) return;
    try {
      this.#take(event);
    } catch {
      this.#missing += 1;
    }
  };

  readonly close = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    stopTimer(this.#timer);
    if (this.#isOpen) this.#send(Number.POSITIVE_INFINITY);
    this.#socket?.close();
    this.#waiting = [];
    this.#next = 0;
  };

  readonly flush = async (timeout = 5_000): Promise<boolean> => {
    const end = elapsed() + timeout;
    while (!this.#isFlushed()) {
      if (this.#isClosed || elapsed() >= end) return false;
      await pauseFor(flushPause);
    }
    return true;
  };

  /** Sends what waits. @returns whether the system has taken all of it */
  #isFlushed(): boolean {
    if (!this.#isOpen) return false;
    const isTooFull = (this.#socket?.bufferedAmount ?? 0) > mostUnsent;
    return !isTooFull && this.#send(elapsed() + longestBatch) && this.#socket?.bufferedAmount === 0;
  }

  #take(event: InspectionEvent): void {
    const actor = event.actorRef as InspectedRef;
    switch (event.type) {
      case '@xstate.actor':
        this.#known.add(actor);
        this.#add({ kind: 'actor', actor });
        break;
      case '@xstate.event': {
        const source = event.sourceRef?.sessionId ?? null;
        this.#add({ kind: 'event', actor, source, event: event.event });
        break;
      }
      case '@xstate.microstep': {
        const taken = transitionsIn(event);
        if (taken.length > 0) this.#taken.set(actor, [...(this.#taken.get(actor) ?? []), ...taken]);
        break;
      }
      case '@xstate.snapshot': {
        const transitions = this.#taken.get(actor) ?? [];
        this.#taken.delete(actor);
        const { event: cause, snapshot } = event;
        this.#add({ kind: 'snapshot', actor, event: cause, snapshot, transitions });
        break;
      }
    }
  }

  #add(message: Waiting): void {
    this.#waiting.push(message);
    if (this.#waiting.length - this.#next > this.#maxWaiting) {
      this.#shift();
      this.#missing += 1;
      this.#compact();
    }
    if (this.#isOpen) this.#schedule(gathering, this.#flush);
  }

  readonly #flush = (): void => {
    const isTooFull = (this.#socket?.bufferedAmount ?? 0) > mostUnsent;
    const isDone = isTooFull ? false : this.#send(elapsed() + longestBatch);
    if (!isDone && this.#isOpen) this.#schedule(pause, this.#flush);
  };

  /** Sends what waits. @param until time to stop @returns whether all is sent */
  #send(until: number): boolean {
    let batch: string[] = [];
    let length = 0;
    const end = () => {
      if (batch.length > 0) this.#socket?.send(batch.join('\n'));
      batch = [];
      length = 0;
    };
    const add = (text: string) => {
      batch.push(text);
      length += text.length;
      if (length > largestBatch) end();
    };
    if (this.#missing > 0) add(gapMessage(this.#missing));
    this.#missing = 0;
    while (this.#next < this.#waiting.length && elapsed() < until) {
      const message = this.#shift();
      for (const text of this.#textsOf(message)) add(text);
    }
    this.#compact();
    const isDone = this.#next >= this.#waiting.length;
    if (isDone && !this.#hasToldAll) {
      // Actors that started before this connection, and have no waiting messages.
      for (const actor of this.#known.untold()) add(this.#defined(actor, true));
      this.#hasToldAll = true;
    }
    end();
    return isDone;
  }

  /** A message as JSON, after the definition of an actor that the inspector does not know. */
  #textsOf(message: Waiting): string[] {
    const { actor, kind } = message;
    const texts = this.#known.isTold(actor) ? [] : [this.#defined(actor, false)];
    if (kind === 'event') {
      texts.push(eventMessage(actor.sessionId, message.source, message.event));
    } else if (kind === 'snapshot') {
      const { event, snapshot, transitions } = message;
      texts.push(snapshotMessage(actor.sessionId, event, snapshot, transitions));
      const { status } = Object(snapshot) as { status?: unknown };
      if (status !== 'active') this.#known.ended(actor);
    }
    return texts;
  }

  #defined(actor: InspectedRef, withSnapshot: boolean): string {
    this.#known.told(actor);
    return actorMessage(actor, withSnapshot);
  }

  /** Takes the oldest message; its place no longer keeps the snapshot alive. */
  #shift(): Waiting {
    const message = this.#waiting[this.#next] as Waiting;
    this.#waiting[this.#next] = null;
    this.#next += 1;
    return message;
  }

  #compact(): void {
    if (this.#next < 1_024 && this.#next < this.#waiting.length) return;
    if (this.#next * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  readonly #open = (): void => {
    try {
      this.#socket = this.#connect(this.#url, {
        opened: () => {
          if (this.#isClosed) return;
          this.#isOpen = true;
          this.#retry = firstRetry;
          this.#known.forgetTold();
          this.#hasToldAll = false;
          this.#flush();
        },
        closed: () => this.#lost(),
      });
    } catch {
      this.#lost();
    }
  };

  #lost(): void {
    this.#isOpen = false;
    this.#socket = null;
    if (this.#isClosed) return;
    stopTimer(this.#timer);
    this.#timer = null;
    this.#schedule(this.#retry, this.#open);
    this.#retry = Math.min(this.#retry * 2, longestRetry);
  }

  #schedule(delay: number, work: () => void): void {
    if (this.#timer !== null) return;
    this.#timer = startTimer(() => {
      this.#timer = null;
      work();
    }, delay);
  }
}

/** @param delay in milliseconds; unlike other timers of the client it keeps the process alive */
function pauseFor(delay: number): Promise<void> {
  return new Promise((resolve) => {
    startTimer(resolve, delay, true);
  });
}
