import type { WireMessage } from '../../machines/registration/chart/messages.js';
import { type FigureArrow, lifelines } from '../../machines/registration/figures/figures.js';
import type { ObservedArrow } from '../../machines/registration/figures/observed.js';
import {
  type FigureConnection,
  HeardArrows,
} from '../../machines/registration/figures/play-live.js';
import { redactMessage } from '../../machines/registration/session/redaction.js';
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

/** Options of a connection to a server. */
export interface ServerConnectionOptions {
  /** Timeout of the connect, in milliseconds. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Maximum frame size of the server's messages, in bytes. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /** Closes the connection when it aborts. @default never */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a server, runs `use` on the connection, and closes it.
 * @throws {NotReachableError} when there is no connection; the signal's reason when it aborts before the end of `use`.
 */
export async function withServerConnection<Result>(
  target: FigureTarget,
  options: ServerConnectionOptions,
  use: (connection: ServerConnection) => Promise<Result>,
): Promise<Result> {
  const { connectTimeout = 5_000, maxFrame = 65_536, codec = jsonCodec, signal } = options;
  signal?.throwIfAborted();
  const opened = await target.open({ timeout: connectTimeout, maxFrame });
  const connection = new ServerConnection(opened, codec, maxFrame);
  const close = () => connection.close();
  signal?.addEventListener('abort', close, { once: true });
  try {
    const result = await use(connection);
    signal?.throwIfAborted();
    return result;
  } finally {
    signal?.removeEventListener('abort', close);
    connection.close();
  }
}

/** One connection to a server. It queues the arrows of the server in the order in which they came. */
export class ServerConnection implements FigureConnection {
  readonly #connection: Connection;
  readonly #codec: Codec;
  readonly #decoder: Decoder;
  readonly #openedAt = performance.now();
  readonly #received = new HeardArrows();
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

  /** Sends a message, or notes the connect. @returns the client's arrow. */
  send(kind: FigureArrow['kind'], message: WireMessage | null = null): ObservedArrow {
    if (message) this.#connection.write(this.#codec.encode(message, this.#connection.framing));
    return this.#arrow(kind, client, message);
  }

  /** Sends an invalid frame. @param detail why it is invalid, in words. */
  sendBytes(bytes: Uint8Array, detail: string): ObservedArrow {
    this.#connection.write(bytes);
    return { ...this.#arrow('fault', client, null), detail };
  }

  /** How the transport delivers messages. */
  get framing(): Connection['framing'] {
    return this.#connection.framing;
  }

  /** The next arrow of the server, or null after a timeout in milliseconds. */
  next(timeout: number): Promise<ObservedArrow | null> {
    return this.#received.next(timeout);
  }

  /** Closes the connection and ends a pending `next`. */
  close(): void {
    this.#ended = true;
    this.#connection.close('done');
    this.#received.wake();
  }

  #decode(): void {
    for (let next = this.#decoder.next(); next !== null; next = this.#decoder.next()) {
      if (next.fault) this.#fault(next.fault.description);
      else this.#received.push(this.#arrow('message', server, next.message));
    }
  }

  #fault(detail: string): void {
    this.#received.push({ ...this.#arrow('fault', server, null), detail });
  }

  /** The server has closed. A half-close comes before the end of the connection and counts. */
  #end(detail?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    const how = detail ?? (this.#decoder.pending > 0 ? 'in the middle of a frame' : undefined);
    this.#received.push({
      ...this.#arrow('disconnect', server, null),
      ...(how && { detail: how }),
    });
  }

  #arrow(
    kind: FigureArrow['kind'] | 'fault',
    from: ObservedArrow['from'],
    message: WireMessage | null,
  ) {
    return { kind, from, at: this.elapsed, message: message && redactMessage(message) } as const;
  }
}
