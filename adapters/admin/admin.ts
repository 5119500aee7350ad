import type { IncomingMessage } from 'node:http';
import type { GateView } from '../server/index.js';
import { defaultLimits, sourceOf, TokenBuckets } from '../server/limits/index.js';
import { PageFiles } from '../web/page-files.js';
import { openWebServer, type UpgradeHandler, type WebServer } from '../web/web-server.js';
import { CostlyAnswer } from './costly-answer.js';
import type { Watched } from './gate-metrics.js';
import { Metrics } from './metrics.js';
import { answerTo } from './pages.js';
import { sessionList } from './session-list.js';

/** How often one address may ask for sessions and metrics. */
const readingRate = { perSecond: 20, burst: 40, sources: 1_024 };

export interface AdminOptions {
  /** Where to listen; port 0 lets the system choose. @default 'http://127.0.0.1:7080' */
  readonly listen?: string | undefined;
  /** Names, beside localhost, that requests may be addressed to while it listens on this machine only; read for each request. @default [] */
  readonly allowedHosts?: readonly string[] | undefined;
  /** What must be shown to read sessions and metrics; needed for an address that other machines can reach. */
  readonly token?: string | undefined;
  /** Who takes the WebSockets, by path; `/inspect` is the visualizer's feed (`SessionFeed`). @default {} */
  readonly upgrades?: Readonly<Record<string, UpgradeHandler>> | undefined;
  /** The gate's recorder, to be counted at `/metrics`. @default none */
  readonly recorder?: Watched['recorder'];
  /** The gate's feed, to be counted at `/metrics`. @default none */
  readonly feed?: Watched['feed'];
  /** When the gate's TLS certificate expires, in Unix seconds, for `/metrics`. @default none */
  readonly certificateExpiry?: Watched['certificateExpiry'];
  /** Whether the gate is about to stop while it still accepts clients: `/readyz` answers 503 then. @default never */
  readonly isStopping?: (() => boolean) | undefined;
  /** Folder of the built page. @default the one of this package */
  readonly page?: string | undefined;
}

/** The admin pages of one gate. Made by `createAdmin`; closing them leaves the gate alone. */
export type Admin = WebServer;

/**
 * Serves the visualizer's page at `/`, and `/healthz`, `/readyz`, `/metrics` and `/sessions` of a gate. By default it listens on this machine
 * only and has no password. There it answers only requests addressed to this machine, so that no web page can read it through
 * a name of its own that points here (DNS rebinding); it never allows cross-origin reading. Anywhere else it needs a token,
 * without which only the page, `/healthz` and `/readyz` are given.
 *
 * `/metrics` and `/sessions` may be up to a second old where they are asked for so often that new ones would take more than a
 * tenth of the time. An address that asks for them more than 20 times a second (40 at once) is answered 429.
 * @throws {OptionError} when `listen` cannot be read, or needs a token; {ListenError} when it cannot be listened on.
 */
export async function createAdmin(gate: GateView, options: AdminOptions = {}): Promise<Admin> {
  const { listen = 'http://127.0.0.1:7080', token, upgrades = {} } = options;
  const { recorder, feed, isStopping = () => false } = options;
  const files = new PageFiles(options.page);
  const metrics = new Metrics({
    gate,
    recorder,
    feed,
    certificateExpiry: options.certificateExpiry,
  });
  const costly = {
    metrics: new CostlyAnswer(async () => ({
      status: 200,
      headers: { 'content-type': metrics.contentType },
      body: await metrics.text(),
    })),
    sessions: new CostlyAnswer(() => sessionList(gate)),
  };
  const readings = new TokenBuckets({ ...readingRate, now: () => performance.now() });
  const mayReadNow = ({ socket }: IncomingMessage) =>
    readings.take(sourceOf(socket.remoteAddress ?? '', defaultLimits.prefixLengths).address);
  const watched = Object.hasOwn(upgrades, '/inspect');
  try {
    const server = await openWebServer({
      listen,
      get allowedHosts() {
        return options.allowedHosts ?? [];
      },
      token,
      upgrades,
      answer: (request, mayRead) =>
        answerTo(request, {
          ...{ gate, files, costly, mayRead, watched },
          isStopping: isStopping(),
          mayReadNow,
        }),
    });
    const close = () => {
      metrics.close();
      return server.close();
    };
    return { url: server.url, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    metrics.close();
    throw error;
  }
}
