import {
  figures as everyFigure,
  type Figure,
  type FigureId,
  type FigureRun,
  figureClients,
  findFigure,
  playFigureOnChart,
} from '../../machines/index.js';
import type { ConnectOptions, Endpoint } from '../net/transports/index.js';
import { schemes } from '../net/transports/index.js';
import { selfSigned } from '../net/transports/self-signed.js';
import { createServer, type GateServer, invalid, valid } from '../server/index.js';
import { type PlayOptions, playFigure } from './play-figure.js';
import { endpointTarget, memoryTarget } from './target.js';

/** What figures can be played against without a server of one's own. */
export const builtInTargets = ['chart', 'memory', ...schemes] as const;
export type BuiltInTarget = (typeof builtInTargets)[number];

export interface RunOptions extends PlayOptions {
  /** @default every figure */
  readonly figures?: readonly FigureId[] | undefined;
  /** @default every built-in target, or none of them when `against` is given */
  readonly targets?: readonly BuiltInTarget[] | undefined;
  /** A live server, e.g. `tcp://127.0.0.1:7004`. */
  readonly against?: string | Endpoint | undefined;
  /** How to speak TLS with it. */
  readonly tls?: ConnectOptions['tls'] | undefined;
  /** Called with every run, in the order of targets and figures, as soon as it and those before it are over. */
  readonly onResult?: ((run: FigureRun) => void) | undefined;
}

/**
 * The deadlines of the servers that are started for the run, in milliseconds: far enough apart to tell which one ended a
 * connection, short enough to wait for.
 */
export const ownTimeouts = { registrationTimeout: 2_500, rejectionTimeout: 700 } as const;

/** The client that the servers started for the run do not know. */
const stranger = { clientName: 'not-on-the-list', clientType: 'AgentApplication' } as const;

/**
 * Plays figures against the chart, against servers of this project that it starts and closes again, and against a live
 * server. All of them are played at the same time, each on a connection of its own.
 * @returns the runs, target by target, each in the order of the figures.
 * @throws {NotReachableError} when `against` cannot be reached; {EndpointError} when it cannot be read; {RangeError} for a
 *   figure that there is not.
 */
export async function runFigures(options: RunOptions = {}): Promise<FigureRun[]> {
  const { against, tls, onResult } = options;
  const figures = options.figures?.map(findFigure) ?? everyFigure;
  const targets = options.targets ?? (against === undefined ? builtInTargets : []);
  const live = against === undefined ? null : endpointTarget(against, tls);
  await using own = await OwnServer.start(targets, options);
  const runs = targets.flatMap((target) => figures.map((figure) => own.play(figure, target)));
  if (live) runs.push(...figures.map((figure) => playFigure(figure, live, options)));
  // Awaited here: the servers are closed when this function is left.
  return await inOrder(runs, onResult);
}

/** Reports each run once those before it are reported; no run is left behind when another fails. */
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

/** The server that built-in targets need, on every transport that was asked for; none where only the chart was. */
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
    const played: PlayOptions = { ...options, ...ownTimeouts, valid: known, invalid: stranger };
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
    const { valid: known = figureClients.valid, invalid: unknown = stranger } = this.#options;
    if (target === 'chart') return playFigureOnChart(figure, { valid: known, invalid: unknown });
    if (!this.#server) throw new Error(`no server was started for ${target}`);
    if (target === 'memory') return playFigure(figure, memoryTarget(this.#server), this.#options);
    const endpoint = this.#server.endpoints.find(({ scheme }) => scheme === target);
    if (!endpoint) throw new Error(`no endpoint was opened for ${target}`);
    const trusted = this.#ca === undefined ? undefined : { ca: this.#ca };
    // The port is the system's choice: the report names the transport.
    const named = { ...endpointTarget(endpoint, trusted), name: target };
    return playFigure(figure, named, this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }
}
