import { isUtf8 } from 'node:buffer';
import type { ObservedEvent, Observer } from '../../machines/index.js';
import { answerLimits, jsonCodec } from '../net/wire/index.js';
import { LineReader } from '../net/wire/line-reader.js';

/** The longest frame that is understood; longer ones pass as all others do. */
const longestFrame = 65_536;
const limits = answerLimits(longestFrame);

/** Who says something on a connection. */
export type Side = 'client' | 'server';

/** Something passed that is not a message. */
export interface Unreadable {
  readonly session: string;
  readonly by: Side;
  /** What is wrong with it; nothing of what it holds. */
  readonly description: string;
}

export interface OverhearingOptions {
  readonly session: string;
  readonly observer: Observer;
  readonly onUnreadable: (unreadable: Unreadable) => void;
}

/** Milliseconds since 1970, by a clock that never jumps. */
const now = () => performance.timeOrigin + performance.now();

/** What is said on one connection that passes through, told to an observer. What it cannot understand passes all the same. */
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

  /** Bytes of a stream have passed. */
  bytes(by: Side, chunk: Uint8Array): void {
    const lines = this.#lines[by];
    lines.push(chunk);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      if (line === 'too-long') this.#unreadable(by, `a frame of more than ${longestFrame} bytes`);
      else if (line.length > 0) this.frame(by, line);
    }
  }

  /** A frame has passed. @param isBinary as the WebSocket says. */
  frame(by: Side, frame: Uint8Array, isBinary = false): void {
    if (frame.length > longestFrame) {
      this.#unreadable(by, `a frame of more than ${longestFrame} bytes`);
      return;
    }
    const decoder = jsonCodec.createDecoder({ framing: 'frame', limits: () => limits });
    // The codec may keep it, and the view is good until the next line only.
    decoder.push(Uint8Array.from(frame), isBinary || !isUtf8(frame) ? 'binary' : 'text');
    const decoded = decoder.next();
    if (decoded?.message) this.#tell({ type: 'said', by, message: decoded.message });
    else if (decoded?.fault) this.#unreadable(by, decoded.fault.description);
  }

  /** The connection is gone. @param by who ended it first. */
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
