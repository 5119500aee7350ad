import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { Connection } from './transports/transport.js';
import type { Decoder, FrameFault } from './wire/codec.js';

/** What receives the messages of a pump. */
export interface MessageHandlers {
  onMessage(message: WireMessage): void;
  /** A frame is invalid; nothing follows. */
  onInvalidFrame(fault: FrameFault): void;
  /** A custom codec, or a handler, threw. */
  onCodecError(error: unknown): void;
}

/**
 * Decodes the input of one connection and processes it one message at a time. It pauses the connection where the input has to wait, so
 * the socket keeps the order and bounds the memory; there is no queue. The subclasses decide when a message may be processed.
 */
export abstract class MessagePump<Handlers extends MessageHandlers = MessageHandlers> {
  protected readonly connection: Connection;
  protected readonly decoder: Decoder;
  protected readonly handlers: Handlers;
  #isPumping = false;
  #isPaused = false;
  #hasInputEnded = false;

  constructor(connection: Connection, decoder: Decoder, handlers: Handlers) {
    this.connection = connection;
    this.decoder = decoder;
    this.handlers = handlers;
  }

  /** Whether the connection is paused. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Takes a chunk from the connection and processes what it completes. */
  push(chunk: Uint8Array, kind: 'text' | 'binary'): void {
    try {
      this.decoder.push(chunk, kind);
    } catch (error) {
      this.handlers.onCodecError(error);
    }
    this.pump();
  }

  /** The peer sends no more. */
  end(): void {
    this.#hasInputEnded = true;
    this.pump();
  }

  /** Processes what was received, as far as the subclass allows. Call it when more is allowed. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    let more = this.processNext();
    // Several messages came at once, so their answers may leave at once.
    const areSeveral = more && this.decoder.pending > 0;
    if (areSeveral) this.connection.cork?.();
    while (more) more = this.processNext();
    if (areSeveral) this.connection.uncork?.();
    this.#isPumping = false;
    this.afterPump();
  }

  /** Processes one message, where one is allowed. @returns whether there may be more */
  protected abstract processNext(): boolean;

  /** Called when a pump has stopped. */
  protected afterPump(): void {}

  /** Called when the decoder needs more bytes. @returns whether to ask it again */
  protected onNeedsInput(): boolean {
    return false;
  }

  protected get hasInputEnded(): boolean {
    return this.#hasInputEnded;
  }

  /** Decodes one message and hands it over. @returns whether there may be more */
  protected decodeNext(): boolean {
    try {
      const decoded = this.decoder.next();
      if (decoded === null) return this.onNeedsInput();
      if (decoded.fault) this.handlers.onInvalidFrame(decoded.fault);
      else this.handlers.onMessage(decoded.message);
      return true;
    } catch (error) {
      this.handlers.onCodecError(error);
      return false;
    }
  }

  /** Pauses or resumes the connection. */
  protected pauseIf(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.connection.pause();
    else this.connection.resume();
  }
}
