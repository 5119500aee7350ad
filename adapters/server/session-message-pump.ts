import { type MessageHandlers, MessagePump } from '../net/message-pump.js';
import type { ConnectionHandlers } from '../net/transports/transport.js';
import type { FrameFault } from '../net/wire/codec.js';
import type { Cancelable, EventLoopBudget, OwnShare } from './limits/index.js';

/** Decides when the messages of a session may be processed, and receives them. */
export interface SessionMessageHandlers extends MessageHandlers {
  /** Whether the next message may be processed now: the client waits for no answer, and the session goes on. */
  mayRead(): boolean;
  isOver(): boolean;
  /** Bytes that may still arrive after the connection was paused, because its transport had read them already. */
  readonly maxSincePause: number;
  /** The budget that its messages wait for, where it has used up its own share. */
  eventLoopBudget(): EventLoopBudget;
  /** What the client may use before it waits; null for a client without a share. */
  ownShare(): OwnShare | null;
  /** Milliseconds until the message rate allows the next message; 0 for now. */
  throttledFor(): number;
  /** The next message waits for a later turn of the event loop. */
  onBudgetExceeded(): void;
  /** Bytes of the client arrived. */
  onInput(bytes: number): void;
  /** A blank line. */
  onBlankLine(): void;
  /** The peer has ended its side, and all of its input is processed. */
  onInputEnd(): void;
  /** A paused connection delivers more than its transport can have read before; nothing follows. */
  onPauseIgnored(): void;
  /** The transport received an invalid frame; see ConnectionHandlers. */
  onTransportFault(kind: FrameFault['kind'], maxFrame?: number): void;
  /** The connection is gone. */
  closed(error: Error | null): void;
}

/**
 * The input of a session. The connection is paused while the client waits for an answer, while it does not read what it was sent, and
 * while others have used up the turn of the event loop.
 */
export class SessionMessagePump
  extends MessagePump<SessionMessageHandlers>
  implements ConnectionHandlers
{
  #isBlocked = false;
  /** Bytes that arrived since the connection was paused. */
  #sincePause = 0;
  /** Waits for a later turn of the event loop, or until the message rate allows the next message. */
  #wait: Cancelable | null = null;
  /** The decoder stopped at a blank line: more input may follow it. */
  #isAtBlankLine = false;

  override push(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    if (this.isPaused) {
      this.#sincePause += chunk.length;
      if (this.#sincePause > this.handlers.maxSincePause) {
        this.handlers.onPauseIgnored();
        return;
      }
    }
    super.push(chunk, kind);
  }

  /** The decoder calls this for each blank line. */
  onBlank(): void {
    this.#isAtBlankLine = true;
    this.handlers.onBlankLine();
  }

  // Called by the connection.

  data(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    this.handlers.onInput(chunk.length);
    this.push(chunk, kind);
  }

  drain(): void {
    this.#isBlocked = false;
    this.pump();
  }

  fault(kind: FrameFault['kind'], maxFrame?: number): void {
    this.handlers.onTransportFault(kind, maxFrame);
  }

  closed(error: Error | null): void {
    this.handlers.closed(error);
  }

  /** The client does not read, so nothing is read from it until `drain`. */
  block(): void {
    this.#isBlocked = true;
  }

  /** Stops waiting. Nothing more is processed. */
  close(): void {
    this.#wait?.cancel();
    this.#wait = null;
  }

  protected override processNext(): boolean {
    const { handlers } = this;
    if (!this.#mayRead()) return false;
    const delay = handlers.throttledFor();
    if (delay > 0 && this.decoder.pending > 0) {
      const timer = setTimeout(() => this.#resume(), delay);
      this.#wait = { cancel: () => clearTimeout(timer) };
      return false;
    }
    const share = handlers.ownShare();
    if (share?.mayRun(performance.now())) {
      try {
        return this.decodeNext();
      } finally {
        share.used(performance.now());
      }
    }
    const budget = handlers.eventLoopBudget();
    if (budget.mayRun()) {
      const start = budget.begin();
      try {
        return this.decodeNext();
      } finally {
        budget.end(start);
      }
    }
    handlers.onBudgetExceeded();
    this.#wait = budget.wait(() => this.#resume());
    return false;
  }

  protected override onNeedsInput(): boolean {
    if (this.#isAtBlankLine) {
      this.#isAtBlankLine = false;
      return true;
    }
    if (this.hasInputEnded) this.handlers.onInputEnd();
    return false;
  }

  protected override afterPump(): void {
    const isPaused = !this.#mayRead() && !this.handlers.isOver();
    if (isPaused !== this.isPaused) this.#sincePause = 0;
    this.pauseIf(isPaused);
  }

  #mayRead(): boolean {
    return !this.#isBlocked && this.#wait === null && this.handlers.mayRead();
  }

  #resume(): void {
    this.#wait = null;
    this.pump();
  }
}
