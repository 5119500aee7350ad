import type { WireMessage } from '../../machines/index.js';
import type { Connection } from '../net/transports/transport.js';
import type { Decoder, FrameFault } from '../net/wire/codec.js';
import type { Cancelable, EventLoopBudget, OwnShare } from './limits/index.js';

/** Who is asked whether to read on, and hears what was read. */
export interface MessagePumpHandlers {
  /** Whether the next message may be processed now: no answer is owed, and the session goes on. */
  mayRead(): boolean;
  isOver(): boolean;
  /** Bytes that may still be delivered after the connection was paused: those that its transport had read already. */
  readonly maxSincePause: number;
  /** The turns that its messages wait for, where it has used up its own share. */
  eventLoopBudget(): EventLoopBudget;
  /** What it may use before it waits; null for a client that has nothing of its own. */
  ownShare(): OwnShare | null;
  /** Milliseconds until the next message may be processed; 0 for now. */
  throttledFor(): number;
  /** The next message has to wait for a later turn. */
  onBudgetExceeded(): void;
  onMessage(message: WireMessage): void;
  /** A blank line, of which nothing else is told. */
  onBlankLine(): void;
  /** A frame is invalid; nothing follows. */
  onInvalidFrame(fault: FrameFault): void;
  /** The peer has said its last, and all of it is processed. */
  onInputEnd(): void;
  /** A paused connection goes on delivering: more than a socket may have read already. Nothing follows. */
  onPauseIgnored(): void;
  /** The codec threw, as none should. */
  onCodecError(error: unknown): void;
}

/**
 * What comes in on one connection, processed one message at a time. While an answer is owed, or the peer does not read what
 * it was sent, or others have used up the turn, the connection is paused: order is kept and memory bounded by the socket, not by a
 * queue.
 */
export class MessagePump {
  readonly #connection: Connection;
  readonly #decoder: Decoder;
  readonly #handlers: MessagePumpHandlers;
  #blocked = false;
  #paused = false;
  #pumping = false;
  #peerEnded = false;
  /** Bytes that came since the connection was paused. */
  #sincePause = 0;
  /** Waits for a later turn of the event loop, or until the rate allows the next message. */
  #wait: Cancelable | null = null;
  /** The decoder stopped at a blank line: more may follow it. */
  #atBlank = false;

  constructor(connection: Connection, decoder: Decoder, handlers: MessagePumpHandlers) {
    this.#connection = connection;
    this.#decoder = decoder;
    this.#handlers = handlers;
  }

  /** Nothing is read from the connection now. */
  get isPaused(): boolean {
    return this.#paused;
  }

  push(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    if (this.#paused) {
      this.#sincePause += chunk.length;
      if (this.#sincePause > this.#handlers.maxSincePause) {
        this.#handlers.onPauseIgnored();
        return;
      }
    }
    try {
      this.#decoder.push(chunk, kind);
    } catch (error) {
      this.#handlers.onCodecError(error);
    }
    this.pump();
  }

  /** The decoder calls it for each blank line. */
  readonly onBlank = (): void => {
    this.#atBlank = true;
    this.#handlers.onBlankLine();
  };

  /** The peer will send no more. */
  end(): void {
    this.#peerEnded = true;
    this.pump();
  }

  /** The peer does not read: nothing is read from it either, until `unblock`. */
  block(): void {
    this.#blocked = true;
  }

  unblock(): void {
    this.#blocked = false;
    this.pump();
  }

  /** Nothing is processed any more. */
  close(): void {
    this.#wait?.cancel();
    this.#wait = null;
  }

  /** Processes what was received, until an answer is owed or nothing is left. Call it when one is owed no more. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let more = this.#mayRead() && this.#inTurn();
    // More than one message has come at once: so may their answers go.
    const areSeveral = more && this.#decoder.pending > 0;
    if (areSeveral) this.#connection.cork?.();
    while (more) more = this.#mayRead() && this.#inTurn();
    if (areSeveral) this.#connection.uncork?.();
    this.#pumping = false;
    this.#pauseWhile(!this.#mayRead() && !this.#handlers.isOver());
  }

  #mayRead(): boolean {
    return !this.#blocked && this.#wait === null && this.#handlers.mayRead();
  }

  /** @returns whether there may be more. */
  #inTurn(): boolean {
    const handlers = this.#handlers;
    const held = handlers.throttledFor();
    if (held > 0 && this.#decoder.pending > 0) {
      const timer = setTimeout(this.#goOn, held);
      this.#wait = { cancel: () => clearTimeout(timer) };
      return false;
    }
    const share = handlers.ownShare();
    if (share?.mayRun(performance.now())) {
      try {
        return this.#step();
      } finally {
        share.used(performance.now());
      }
    }
    const turns = handlers.eventLoopBudget();
    if (turns.mayRun()) {
      const start = turns.begin();
      try {
        return this.#step();
      } finally {
        turns.end(start);
      }
    }
    handlers.onBudgetExceeded();
    this.#wait = turns.wait(this.#goOn);
    return false;
  }

  readonly #goOn = (): void => {
    this.#wait = null;
    this.pump();
  };

  /** @returns whether there may be more. */
  #step(): boolean {
    const handlers = this.#handlers;
    try {
      const decoded = this.#decoder.next();
      if (decoded?.fault) handlers.onInvalidFrame(decoded.fault);
      else if (decoded) handlers.onMessage(decoded.message);
      else if (this.#atBlank) {
        this.#atBlank = false;
        return true;
      } else if (this.#peerEnded) handlers.onInputEnd();
      return decoded !== null;
    } catch (error) {
      handlers.onCodecError(error);
      return false;
    }
  }

  #pauseWhile(wait: boolean): void {
    if (wait === this.#paused) return;
    this.#paused = wait;
    this.#sincePause = 0;
    if (wait) this.#connection.pause();
    else this.#connection.resume();
  }
}
