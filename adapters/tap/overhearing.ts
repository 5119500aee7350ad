import { isUtf8 } from 'node:buffer';
import type { ObservedEvent } from '../../machines/registration/observer/events.js';
import type { Observer } from '../../machines/registration/observer/observer.js';
import { answerLimits, jsonCodec } from '../net/wire/index.js';
import { LineReader } from '../net/wire/line-reader.js';

/** Maximum length of a frame that is decoded; longer frames are forwarded without decoding. */
const longestFrame = 65_536;
const limits = answerLimits(longestFrame);

/** The sender of a message. */
export type Side = 'client' | 'server';

/** An invalid frame was forwarded. */
export interface Unreadable {
  readonly session: string;
  readonly by: Side;
  /** The problem, without any content of the frame. */
  readonly description: string;
}

export interface OverhearingOptions {
  readonly session: string;
  readonly observer: Observer;
  readonly onUnreadable: (unreadable: Unreadable) => void;
}

/** Milliseconds since 1970 from a clock that never jumps. */
const now = () => performance.timeOrigin + performance.now();

/** Decodes the traffic of one forwarded connection for an observer. Invalid frames are forwarded too. */
export class Overhearing {
  readonly #options: OverhearingOptions;
  readonly #lines: Readonly<Record<Side, LineReader>> = {
    client: new LineReader(() => ({ maxFrame: longestFrame })),
    server: new LineReader(() => ({ maxFrame: longestFrame })),
  };
  #isOver = false;
  /** The client has sent an invalid frame. */
  #isClientUnreadable = false;

  constructor(options: OverhearingOptions) {
    this.#options = options;
    this.#tell({ type: 'connected' });
  }

  /** Takes forwarded bytes of a stream. */
  bytes(by: Side, chunk: Uint8Array): void {
    const lines = this.#lines[by];
    lines.push(chunk);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      if (line === 'too-long') this.#unreadable(by, `a frame of more than ${longestFrame} bytes`);
      else if (line.length > 0) this.frame(by, line);
    }
  }

  /** Takes a forwarded frame. @param isBinary whether it is a binary WebSocket frame. */
  frame(by: Side, frame: Uint8Array, isBinary = false): void {
    if (frame.length > longestFrame) {
      this.#unreadable(by, `a frame of more than ${longestFrame} bytes`);
      return;
    }
    const decoder = jsonCodec.createDecoder({ framing: 'frame', limits: () => limits });
    // A copy: the codec may keep it, and the view is valid only until the next line.
    decoder.push(Uint8Array.from(frame), isBinary || !isUtf8(frame) ? 'binary' : 'text');
    const decoded = decoder.next();
    if (decoded?.message) this.#tell({ type: 'said', by, message: decoded.message });
    else if (decoded?.fault) this.#unreadable(by, decoded.fault.description);
  }

  /** Ends the connection. @param by the side that ended it first. */
  ended(by: Side): void {
    if (this.#isOver) return;
    // A server closes the connection after an invalid frame.
    const isProtocolError = by === 'server' && this.#isClientUnreadable;
    this.#tell({ type: 'disconnected', by, ...(isProtocolError && { reason: 'protocol-error' }) });
    this.#isOver = true;
  }

  #unreadable(by: Side, description: string): void {
    if (by === 'client') this.#isClientUnreadable = true;
    this.#options.onUnreadable({ session: this.#options.session, by, description });
  }

  #tell(event: TapEvent): void {
    if (this.#isOver) return;
    const { observer, session } = this.#options;
    observer.take({ at: now(), place: null, peer: { label: session }, ...event } as ObservedEvent);
  }
}

type TapEvent =
  | { readonly type: 'connected' }
  | Pick<Extract<ObservedEvent, { type: 'said' }>, 'type' | 'by' | 'message'>
  | Pick<Extract<ObservedEvent, { type: 'disconnected' }>, 'type' | 'by' | 'reason'>;
