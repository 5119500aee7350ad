import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { DisconnectReason } from '../../machines/registration/chart/seat.js';
import type { ObservedSession } from '../../machines/registration/observer/observed-session.js';
import { Observer } from '../../machines/registration/observer/observer.js';
import type { Finding } from '../../machines/registration/session/findings.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../net/transports/endpoint.js';
import type { ConnectOptions, TlsFiles } from '../net/transports/transport.js';
import { OptionError } from '../runtime/errors.js';
import { redactionOf } from '../runtime/redaction.js';
import { ListenError } from '../server/index.js';
import { openFramePassage } from './frame-passage.js';
import { Overhearing, type Unreadable } from './overhearing.js';
import type { Passage, PassageOptions } from './passage.js';
import { openStreamPassage } from './stream-passage.js';

export interface TapOptions {
  /** Where clients connect, e.g. `tcp://127.0.0.1:7014`; port 0 lets the system choose. */
  readonly listen: string;
  /** The server, e.g. `tcp://127.0.0.1:7004`. Bytes (tcp, tls) and frames (ws, wss) cannot be mixed. */
  readonly to: string;
  /** Certificate and key for listening on tls or wss. */
  readonly tls?: TlsFiles | undefined;
  /** How to connect to a server on tls or wss. */
  readonly tlsTo?: ConnectOptions['tls'];
  /** Maximum number of connections, 1 or more; further clients are disconnected at once. @default 1000 */
  readonly maxConnections?: number | undefined;
  /** Timeout of a connection to the server in milliseconds, 1 or more. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** The server's deadlines in milliseconds, where known. @default null */
  readonly registrationTimeout?: number | null | undefined;
  readonly rejectionTimeout?: number | null | undefined;
  /** Names of further attributes to mask, beside those of `redactMessage`. @default [] */
  readonly redactNames?: readonly string[] | undefined;
}

export interface TapEvents {
  step: [step: StepRecord];
  /** Never emitted; a feed listens to it. A session of a tap always has a last step. */
  disconnected: [info: { readonly id: string }, reason: DisconnectReason];
  finding: [finding: Finding];
  /** A session has ended. */
  session: [session: ObservedSession];
  unreadable: [unreadable: Unreadable];
  unreachable: [error: Error];
  'connection-rejected': [];
  problem: [error: Error];
}

/**
 * Forwards traffic between clients and a server that uses the JSON wire, unchanged and without delay. The decoded messages become
 * the sessions of an observer.
 */
export class Tap extends EventEmitter<TapEvents> implements AsyncDisposable {
  readonly #observer: Observer;
  readonly #maxConnections: number;
  readonly #prefix = randomBytes(4).toString('hex');
  #passage: Passage | null = null;
  #count = 0;

  constructor(options: TapOptions) {
    super();
    const { maxConnections = 1_000, registrationTimeout, rejectionTimeout, redactNames } = options;
    this.#maxConnections = maxConnections;
    this.#observer = new Observer({
      registrationTimeout,
      rejectionTimeout,
      redact: redactionOf(redactNames),
      onStep: (step) => this.emit('step', step),
      onFinding: (finding) => this.emit('finding', finding),
      onSession: (session) => this.emit('session', session),
    });
  }

  /** The endpoint with the actual port. */
  get endpoints(): readonly Endpoint[] {
    return this.#passage ? [this.#passage.endpoint] : [];
  }

  /** @throws {ListenError}, and the errors of the listener. */
  async open(options: Omit<PassageOptions, 'admits' | 'opened' | 'unreachable' | 'failed'>) {
    const { listen } = options;
    const isStream = listen.scheme === 'tcp' || listen.scheme === 'tls';
    const openPassage = isStream ? openStreamPassage : openFramePassage;
    try {
      this.#passage = await openPassage({
        ...options,
        admits: () => this.#admits(),
        opened: () => this.#opened(),
        unreachable: (error) => this.emit('unreachable', error),
        failed: (error) => this.emit('problem', error),
      });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
      throw new ListenError(formatEndpoint(listen), cause as Error);
    }
  }

  /** Stops accepting clients, flushes the data in flight for at most a second, and closes. */
  async close(): Promise<void> {
    const passage = this.#passage;
    this.#passage = null;
    await passage?.close();
    this.#observer.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #admits(): boolean {
    const isFull = (this.#passage?.open ?? 0) >= this.#maxConnections;
    if (isFull) this.emit('connection-rejected');
    return !isFull;
  }

  #opened(): Overhearing {
    this.#count += 1;
    return new Overhearing({
      session: `${this.#prefix}-${this.#count}`,
      observer: this.#observer,
      onUnreadable: (unreadable) => this.emit('unreadable', unreadable),
    });
  }
}

/**
 * Opens a tap.
 * @throws {EndpointError}, {OptionError} for endpoints that frame differently, {ListenError}.
 */
export async function openTap(options: TapOptions): Promise<Tap> {
  const listen = parseEndpoint(options.listen);
  const to = parseEndpoint(options.to);
  for (const [option, one] of Object.entries({ listen, to })) {
    if (one.scheme === 'unix' || one.inherited !== undefined) {
      throw new OptionError(option, formatEndpoint(one), 'tcp, tls, ws or wss with host and port');
    }
  }
  const isFrames = ({ scheme }: Endpoint) => scheme === 'ws' || scheme === 'wss';
  if (isFrames(listen) !== isFrames(to)) {
    const allowed = isFrames(listen) ? 'ws or wss' : 'tcp or tls';
    throw new OptionError(
      'to',
      options.to,
      `${allowed}, as ${options.listen} is: what passes is not changed`,
    );
  }
  const { tls, tlsTo, connectTimeout = 5_000 } = options;
  const tap = new Tap(options);
  await tap.open({ listen, to, tls, tlsTo, connectTimeout });
  return tap;
}
