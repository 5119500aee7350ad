import {
  type FigureArrow,
  type FigureConnection,
  HeardArrows,
  lifelines,
  type ObservedArrow,
  redactMessage,
  type WireMessage,
} from '../../machines/index.js';
import type { Connection } from '../net/transports/index.js';
import {
  answerLimits,
  type Codec,
  type Decoder,
  frameFault,
  jsonCodec,
} from '../net/wire/index.js';
import type { FigureTarget } from './target.js';

const [client, server] = lifelines;

/** How a connection to a server is made and understood. */
export interface HearingOptions {
  /** How long connecting may take, in milliseconds. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Longest frame in bytes that the server may send. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /** Hangs up when it aborts. @default never */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a server, listens to it while something is done on the connection, and hangs up.
 * @throws {NotReachableError} when there is no connection; the signal's reason when it is aborted, also afterwards.
 */
export async function overhear<Result>(
  target: FigureTarget,
  options: HearingOptions,
  use: (heard: Overheard) => Promise<Result>,
): Promise<Result> {
  const { connectTimeout = 5_000, maxFrame = 65_536, codec = jsonCodec, signal } = options;
  signal?.throwIfAborted();
  const connection = await target.open({ timeout: connectTimeout, maxFrame });
  const heard = new Overheard(connection, codec, maxFrame);
  const hangUp = () => heard.close();
  signal?.addEventListener('abort', hangUp, { once: true });
  try {
    const result = await use(heard);
    signal?.throwIfAborted();
    return result;
  } finally {
    signal?.removeEventListener('abort', hangUp);
    heard.close();
  }
}

/** What a server says on one connection, as arrows in the order in which they came. */
export class Overheard implements FigureConnection {
  readonly #connection: Connection;
  readonly #codec: Codec;
  readonly #decoder: Decoder;
  readonly #openedAt = performance.now();
  readonly #heard = new HeardArrows();
  #ended = false;

  /** @param connection not yet started. */
  constructor(connection: Connection, codec: Codec, maxFrame: number) {
    this.#connection = connection;
    this.#codec = codec;
    const limits = answerLimits(maxFrame);
    this.#decoder = codec.createDecoder({ framing: connection.framing, limits: () => limits });
    connection.start({
      data: (chunk, kind) => {
        this.#decoder.push(chunk, kind);
        this.#decode();
      },
      end: () => this.#end(),
      closed: (error) => this.#end(error?.message),
      drain: () => {},
      fault: (kind) => this.#fault(frameFault(kind, limits).description),
    });
  }

  /** Milliseconds since the connect. */
  get elapsed(): number {
    return performance.now() - this.#openedAt;
  }

  /** The client's own arrow, made now. */
  said(kind: FigureArrow['kind'], message: WireMessage | null = null): ObservedArrow {
    if (message) this.#connection.write(this.#codec.encode(message, this.#connection.framing));
    return this.#arrow(kind, client, message);
  }

  /** An invalid frame, sent as it is. @param what it is, for people. */
  saidBytes(bytes: Uint8Array, what: string): ObservedArrow {
    this.#connection.write(bytes);
    return { ...this.#arrow('fault', client, null), detail: what };
  }

  /** How the transport delivers what is said. */
  get framing(): Connection['framing'] {
    return this.#connection.framing;
  }

  /** The next thing that comes from the server, or null when nothing came for so many milliseconds. */
  next(patience: number): Promise<ObservedArrow | null> {
    return this.#heard.next(patience);
  }

  /** Hangs up; a pending wait for the next arrow ends. */
  close(): void {
    this.#ended = true;
    this.#connection.close('done');
    this.#heard.wake();
  }

  #decode(): void {
    for (let next = this.#decoder.next(); next !== null; next = this.#decoder.next()) {
      if (next.fault) this.#fault(next.fault.description);
      else this.#heard.push(this.#arrow('message', server, next.message));
    }
  }

  #fault(detail: string): void {
    this.#heard.push({ ...this.#arrow('fault', server, null), detail });
  }

  /** The server has said its last; a half-close is told before the end of the connection, and counts. */
  #end(detail?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const how = detail ?? (this.#decoder.pending > 0 ? 'in the middle of a frame' : undefined);
    this.#heard.push({ ...this.#arrow('disconnect', server, null), ...(how && { detail: how }) });
  }

  #arrow(
    kind: FigureArrow['kind'] | 'fault',
    from: ObservedArrow['from'],
    said: WireMessage | null,
  ) {
    return { kind, from, at: this.elapsed, message: said && redactMessage(said) } as const;
  }
}
