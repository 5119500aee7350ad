import { toleranceOf } from '../../../machines/index.js';
import type { Connection, Endpoint, TlsFiles } from '../../net/transports/index.js';
import { parseEndpoint } from '../../net/transports/index.js';
import { type Codec, jsonCodec } from '../../net/wire/index.js';
import { OptionError } from '../../runtime/errors.js';
import { delays, wholeNumber } from '../../runtime/whole-number.js';
import { type ClientPath, clientPaths } from './paths.js';
import type { PathRun } from './result.js';

/** A client that was started for one path. */
export interface LaunchedClient {
  /** Resolves when it has ended by itself, with how, e.g. `exit code 1`. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it, and resolves when it has ended. */
  stop(): Promise<void>;
}

/** How a client is judged. All durations are in milliseconds. */
export interface ConformClientOptions {
  /** Where to listen, e.g. `tcp://127.0.0.1:0`; port 0 lets the system choose. */
  readonly listen: string | Endpoint;
  /** Which paths are played, by id; always in the order of `clientPaths`. @default every one that the transport allows */
  readonly paths?: readonly string[] | undefined;
  /** Certificate and key for tls and wss. @default a certificate that signs itself, made for the run */
  readonly tls?: TlsFiles | undefined;
  /** The played server's registration deadline; 1 to 2147483647. @default 10000 */
  readonly registrationTimeout?: number | undefined;
  /** Its rejection deadline; 1 to 2147483647. @default 5000 */
  readonly rejectionTimeout?: number | undefined;
  /** How long a registered client must stay, and is watched; 1 to 2147483647. @default 1000 */
  readonly settle?: number | undefined;
  /**
   * How long the played server waits where it may see something before it goes on; a third of the registration timeout at most.
   * @default 300
   */
  readonly pause?: number | undefined;
  /** The client's reply timeout, where it is known: then it is judged. Well below the registration timeout. */
  readonly replyTimeout?: number | undefined;
  /** How late the late answer is; less than the registration timeout. @default three fifths of the reply timeout, else 2000 */
  readonly late?: number | undefined;
  /** How long the client may take to come, and to come again when the path before is over; 1 to 2147483647. @default 30000 */
  readonly patience?: number | undefined;
  /** How often a client may come within a second in which it is dropped each time, the first included; 1 or more. @default 10 */
  readonly maxReturns?: number | undefined;
  /** Longest frame in bytes the client may send; 64 or more. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
  /**
   * Starts a client for each path, which is stopped when the path is over. Then nobody else's connection is waited for between.
   * @default none is started: the client comes again by itself
   */
  readonly launch?: ((endpoint: Endpoint) => Promise<LaunchedClient>) | undefined;
  /** Called once it listens. `ca`: the certificate that was made for the run, PEM; null where there is none. */
  readonly onListening?: ((endpoint: Endpoint, ca: string | null) => void) | undefined;
  /** Called with every path that is over, as soon as it is. */
  readonly onPath?: ((run: PathRun) => void) | undefined;
  /** Ends it when it aborts: what has not been played by then is not reached. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with their defaults in. */
export interface Settings {
  readonly endpoint: Endpoint;
  readonly paths: readonly ClientPath[];
  readonly registrationTimeout: number;
  readonly rejectionTimeout: number;
  readonly settle: number;
  readonly pause: number;
  readonly replyTimeout: number | undefined;
  readonly late: number;
  readonly patience: number;
  readonly maxReturns: number;
  readonly maxFrame: number;
  readonly codec: Codec;
}

/** @throws {OptionError} naming the option, its value and what is allowed; {EndpointError} */
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
        `what is over well before the registration timeout of ${registrationTimeout} ms`,
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
    patience: time('patience', options.patience, 30_000),
    maxReturns: wholeNumber('maxReturns', options.maxReturns ?? 10, {
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

/** The paths that were asked for and that the transport allows, in the order of the table. */
function chosen(ids: readonly string[] | undefined, { scheme }: Endpoint): readonly ClientPath[] {
  const framing: Connection['framing'] = scheme === 'ws' || scheme === 'wss' ? 'frame' : 'stream';
  const possible = clientPaths.filter((path) => (path.framing ?? framing) === framing);
  if (ids === undefined) return possible;
  const names = possible.map(({ id }) => id).join(', ');
  for (const id of ids) {
    if (!possible.some((path) => path.id === id))
      throw new OptionError('paths', id, `${names} over ${scheme}`);
  }
  if (ids.length === 0) throw new OptionError('paths', ids, `one of ${names} at least`);
  return possible.filter((path) => ids.includes(path.id));
}
