import { toleranceOf } from '../../../machines/registration/figures/play-live.js';
import type { Connection, Endpoint, TlsFiles } from '../../net/transports/index.js';
import { parseEndpoint } from '../../net/transports/index.js';
import { type Codec, jsonCodec } from '../../net/wire/index.js';
import { OptionError } from '../../runtime/errors.js';
import { delays, wholeNumber } from '../../runtime/whole-number.js';
import { type ClientPath, clientPaths } from './paths.js';
import type { PathRun } from './result.js';

/** A client process that was started for one path. */
export interface LaunchedClient {
  /** Resolves when the client exits by itself, with the way, e.g. `exit code 1`. Never rejects. */
  readonly ended: Promise<string>;
  /** Stops the client, and resolves when it has exited. */
  stop(): Promise<void>;
}

/** Options of a client test. All durations are in milliseconds. */
export interface ConformClientOptions {
  /** The endpoint to listen on, e.g. `tcp://127.0.0.1:0`; with port 0 the system chooses. */
  readonly listen: string | Endpoint;
  /** Ids of the paths to play, in the order of `clientPaths`. @default every path that the transport allows */
  readonly paths?: readonly string[] | undefined;
  /** Certificate and key for tls and wss. @default a self-signed certificate for the run */
  readonly tls?: TlsFiles | undefined;
  /** The played server's registration deadline; 1 to 2147483647. @default 10000 */
  readonly registrationTimeout?: number | undefined;
  /** The played server's rejection deadline; 1 to 2147483647. @default 5000 */
  readonly rejectionTimeout?: number | undefined;
  /** How long a registered client must stay connected; 1 to 2147483647. @default 1000 */
  readonly settle?: number | undefined;
  /**
   * How long the played server waits for the client before it continues; at most a third of the registration timeout.
   * @default 300
   */
  readonly pause?: number | undefined;
  /** The client's reply timeout, well below the registration timeout. @default unknown: not judged */
  readonly replyTimeout?: number | undefined;
  /** Delay of the late answer; less than the registration timeout. @default three fifths of the reply timeout, else 2000 */
  readonly late?: number | undefined;
  /** Maximum wait for the client to connect, and to reconnect after a path; 1 to 2147483647. @default 30000 */
  readonly connectTimeout?: number | undefined;
  /** Maximum connections within a second in which the server drops each one, the first included; 1 or more. @default 10 */
  readonly maxReconnects?: number | undefined;
  /** Maximum frame size of the client's messages, in bytes; 64 or more. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /**
   * Starts a client for each path; it is stopped at the end of the path. Connections between paths are closed.
   * @default none: the client reconnects by itself
   */
  readonly launch?: ((endpoint: Endpoint) => Promise<LaunchedClient>) | undefined;
  /** Called when the tester listens. `ca`: the certificate of the run in PEM, or null. */
  readonly onListening?: ((endpoint: Endpoint, ca: string | null) => void) | undefined;
  /** Called with each path at its end. */
  readonly onPath?: ((run: PathRun) => void) | undefined;
  /** Ends the run when it aborts: the remaining paths are inconclusive. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with defaults. */
export interface Settings {
  readonly endpoint: Endpoint;
  readonly paths: readonly ClientPath[];
  readonly registrationTimeout: number;
  readonly rejectionTimeout: number;
  readonly settle: number;
  readonly pause: number;
  readonly replyTimeout: number | undefined;
  readonly late: number;
  readonly connectTimeout: number;
  readonly maxReconnects: number;
  readonly maxFrame: number;
  readonly codec: Codec;
}

/** @throws {OptionError} with the option, its value and the allowed values; {EndpointError} */
export function settingsOf(options: ConformClientOptions): Settings {
  const { listen, replyTimeout } = options;
  const endpoint = typeof listen === 'string' ? parseEndpoint(listen) : listen;
  const time = (
    name: keyof Settings,
    given: number | undefined,
    standard: number,
    max = delays.max,
  ) => wholeNumber(name, given ?? standard, { ...delays, max });
  const registrationTimeout = time('registrationTimeout', options.registrationTimeout, 10_000);
  if (replyTimeout !== undefined) {
    time('replyTimeout', replyTimeout, 0);
    if (replyTimeout + 2 * toleranceOf(replyTimeout) > registrationTimeout)
      throw new OptionError(
        'replyTimeout',
        replyTimeout,
        `a time well below the registration timeout of ${registrationTimeout} ms`,
      );
  }
  const short = (standard: number, longest: number) => Math.max(1, Math.min(standard, longest));
  const third = Math.max(1, Math.floor(registrationTimeout / 3));
  const late = replyTimeout === undefined ? 2_000 : Math.round(replyTimeout * 0.6);
  return {
    endpoint,
    paths: chosen(options.paths, endpoint),
    registrationTimeout,
    rejectionTimeout: time('rejectionTimeout', options.rejectionTimeout, 5_000),
    settle: time('settle', options.settle, 1_000),
    pause: time('pause', options.pause, short(300, third), third),
    replyTimeout,
    late: time('late', options.late, short(late, third), Math.max(1, registrationTimeout - 1)),
    connectTimeout: time('connectTimeout', options.connectTimeout, 30_000),
    maxReconnects: wholeNumber('maxReconnects', options.maxReconnects ?? 10, {
      min: 1,
      max: 1_000,
      unit: '',
    }),
    maxFrame: wholeNumber('maxFrame', options.maxFrame ?? 65_536, {
      min: 64,
      max: 2 ** 30,
      unit: ' of bytes',
    }),
    codec: options.codec ?? jsonCodec,
  };
}

/** The chosen paths, in the order of the table. @throws {OptionError} for a path that the transport does not allow */
function chosen(ids: readonly string[] | undefined, { scheme }: Endpoint): readonly ClientPath[] {
  const framing: Connection['framing'] = scheme === 'ws' || scheme === 'wss' ? 'frame' : 'stream';
  const possible = clientPaths.filter((path) => (path.framing ?? framing) === framing);
  if (ids === undefined) return possible;
  const names = possible.map(({ id }) => id).join(', ');
  for (const id of ids) {
    if (!possible.some((path) => path.id === id))
      throw new OptionError('paths', id, `${names} over ${scheme}`);
  }
  if (ids.length === 0) throw new OptionError('paths', ids, `at least one of ${names}`);
  return possible.filter((path) => ids.includes(path.id));
}
