import type { FigureId } from '../../machines/registration/chart/registration.js';
import {
  figures as everyFigure,
  type Figure,
  findFigure,
} from '../../machines/registration/figures/figures.js';
import {
  type FigureRun,
  figureClients,
  playFigureOnChart,
} from '../../machines/registration/figures/play.js';
import type { ConnectOptions, Endpoint } from '../net/transports/index.js';
import { schemes } from '../net/transports/index.js';
import { selfSigned } from '../net/transports/self-signed.js';
import { createServer, type GateServer, invalid, valid } from '../server/index.js';
import { type PlayOptions, playFigure } from './play-figure.js';
import { endpointTarget, memoryTarget } from './target.js';

/** Targets that need no running server: `runFigures` starts them. */
export const builtInTargets = ['chart', 'memory', ...schemes] as const;
export type BuiltInTarget = (typeof builtInTargets)[number];

export interface RunOptions extends PlayOptions {
  /** @default every figure */
  readonly figures?: readonly FigureId[] | undefined;
  /** @default every built-in target; none when `against` is given */
  readonly targets?: readonly BuiltInTarget[] | undefined;
  /** A live server, e.g. `tcp://127.0.0.1:7004`. */
  readonly against?: string | Endpoint | undefined;
  /** TLS options for `against`. */
  readonly tls?: ConnectOptions['tls'] | undefined;
  /** Called with each run, in the order of targets and figures, when it and all earlier ones have ended. */
  readonly onResult?: ((run: FigureRun) => void) | undefined;
}

/**
 * The deadlines of the started servers, in milliseconds. They differ enough to show which one ended a connection, and are short enough
 * to wait for.
 */
export const ownTimeouts = { registrationTimeout: 2_500, rejectionTimeout: 700 } as const;

/** A client that the started servers refuse. */
const refusedClient = { clientName: 'not-on-the-list', clientType: 'AgentApplication' } as const;

/**
 * Plays figures against the chart, against servers of this project that it starts and closes, and against a live server. All runs are
 * concurrent, each on a separate connection.
 * @returns the runs, ordered by target and figure.
 * @throws {NotReachableError} when `against` cannot be reached; {EndpointError} when it is invalid; {RangeError} for an unknown
 *   figure.
 */
export async function runFigures(options: RunOptions = {}): Promise<FigureRun[]> {
  const { against, tls, onResult } = options;
  const figures = options.figures?.map(findFigure) ?? everyFigure;
  const targets = options.targets ?? (against === undefined ? builtInTargets : []);
  const live = against === undefined ? null : endpointTarget(against, tls);
  await using own = await OwnServer.start(targets, options);
  const runs = targets.flatMap((target) => figures.map((figure) => own.play(figure, target)));
  if (live) runs.push(...figures.map((figure) => playFigure(figure, live, options)));
  // Awaited here, because the servers close when this function returns.
  return await inOrder(runs, onResult);
}

/** Reports the runs in order. When one fails, it still waits for the others to end. */
async function inOrder(
  runs: readonly Promise<FigureRun>[],
  onResult: RunOptions['onResult'],
): Promise<FigureRun[]> {
  const settled = Promise.allSettled(runs);
  const done: FigureRun[] = [];
  try {
    for (const run of runs) {
      const result = await run;
      done.push(result);
      onResult?.(result);
    }
  } finally {
    await settled;
  }
  return done;
}

/** The server of the built-in targets, with a listener for each of their transports. The chart alone needs no server. */
class OwnServer implements AsyncDisposable {
  readonly #server: GateServer | null;
  readonly #ca: string | undefined;
  readonly #options: PlayOptions;

  private constructor(server: GateServer | null, ca: string | undefined, options: PlayOptions) {
    this.#server = server;
    this.#ca = ca;
    this.#options = options;
  }

  static async start(targets: readonly BuiltInTarget[], options: PlayOptions): Promise<OwnServer> {
    const known = options.valid ?? figureClients.valid;
    const listen = schemes.filter((scheme) => targets.includes(scheme));
    const played: PlayOptions = {
      ...options,
      ...ownTimeouts,
      valid: known,
      invalid: refusedClient,
    };
    if (targets.every((target) => target === 'chart'))
      return new OwnServer(null, undefined, played);
    const secure = listen.some((scheme) => scheme === 'tls' || scheme === 'wss');
    const certificate = secure ? await selfSigned() : undefined;
    const server = await createServer({
      listen: listen.map((scheme) => `${scheme}://127.0.0.1:0`),
      ...ownTimeouts,
      ...(certificate && { tls: { cert: certificate.cert, key: certificate.key } }),
      validator: ({ clientName }) =>
        clientName === known.clientName ? valid : invalid('unknown name'),
    });
    return new OwnServer(server, certificate?.ca, played);
  }

  async play(figure: Figure, target: BuiltInTarget): Promise<FigureRun> {
    const { valid: known = figureClients.valid, invalid: unknown = refusedClient } = this.#options;
    if (target === 'chart') return playFigureOnChart(figure, { valid: known, invalid: unknown });
    if (!this.#server) throw new Error(`no server was started for ${target}`);
    if (target === 'memory') return playFigure(figure, memoryTarget(this.#server), this.#options);
    const endpoint = this.#server.endpoints.find(({ scheme }) => scheme === target);
    if (!endpoint) throw new Error(`no endpoint was opened for ${target}`);
    const trusted = this.#ca === undefined ? undefined : { ca: this.#ca };
    // The system chooses the port, so the report names the transport instead.
    const named = { ...endpointTarget(endpoint, trusted), name: target };
    return playFigure(figure, named, this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }
}
