import { type MessageHandlers, MessagePump } from '../net/message-pump.js';
import { afterInput } from '../runtime/after-input.js';

/** Messages that are processed in one turn of the event loop: some milliseconds of work. */
export const messagesPerTurn = 256;
/** Bytes of one read that are processed in one turn. */
const bytesPerTurn = 65_536;

export interface ClientMessageHandlers extends MessageHandlers {
  /** Whether the next message may be processed now. */
  mayRead(): boolean;
}

/**
 * The input of a client. A server that floods the client gets a bounded share of each turn of the event loop. Then the connection is
 * paused until the next turn, so that timers and other connections get theirs. (Node reads up to two megabytes of one socket in a turn:
 * 80,000 small messages.)
 */
export class ClientMessagePump extends MessagePump<ClientMessageHandlers> {
  /** Processed in this turn. */
  #messages = 0;
  #bytes = 0;
  #isCounting = false;

  override push(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    this.#count(0, chunk.length);
    super.push(chunk, kind);
  }

  protected override processNext(): boolean {
    if (!this.handlers.mayRead()) return false;
    if (!this.#hasBudget()) {
      this.pauseIf(true);
      return false;
    }
    const more = this.decodeNext();
    if (more) this.#count(1, 0);
    return more;
  }

  #count(messages: number, bytes: number): void {
    if (!this.#isCounting) afterInput(() => this.#onNextTurn());
    this.#isCounting = true;
    this.#messages += messages;
    this.#bytes += bytes;
  }

  /** After the end of the input all of it is processed at once: it is one read of the socket at most. */
  #hasBudget(): boolean {
    if (this.hasInputEnded) return true;
    return this.#messages < messagesPerTurn && this.#bytes <= bytesPerTurn;
  }

  #onNextTurn(): void {
    this.#messages = this.#bytes = 0;
    this.#isCounting = false;
    if (!this.isPaused) return;
    this.pump();
    if (this.#hasBudget()) this.pauseIf(false);
  }
}
