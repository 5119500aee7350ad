import type { IncomingMessage } from 'node:http';
import { hostOf, isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import type { GateView } from '../server/index.js';
import { defaultLimits, SourceSet, sourceOf, TokenBuckets } from '../server/limits/index.js';
import { withoutUser } from '../web/address.js';
import { clientAddressOf } from '../web/client-address.js';
import { PageFiles } from '../web/page-files.js';
import { publicUrlFrom } from '../web/public-url.js';
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
  /**
   * Where people reach it through a reverse proxy, e.g. `https://ixgate.example/ops/`: requests may be addressed to that host, and the
   * page may connect from there. Unless it names this machine, a token is needed. @default none
   */
  readonly publicUrl?: string | undefined;
  /** Addresses and blocks of proxies whose `X-Forwarded-For` is believed, for the limits of an address. @default [] */
  readonly trustProxy?: readonly string[] | undefined;
  /** Who takes the WebSockets, by path; `/feed` is the visualizer's feed (`SessionFeed`). @default {} */
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
 * without which only the page, `/healthz` and `/readyz` are given. The page asks for it and signs in (`POST /sign-in`), for seven days.
 *
 * `/metrics` and `/sessions` may be up to a second old where they are asked for so often that new ones would take more than a
 * tenth of the time. An address that asks for them more than 20 times a second (40 at once) is answered 429.
 * @throws {OptionError} when `listen`, `publicUrl` or `trustProxy` cannot be read, or one of the first two needs a token; {ListenError} when it cannot be listened on.
 */
export async function createAdmin(gate: GateView, options: AdminOptions = {}): Promise<Admin> {
  const { listen = 'http://127.0.0.1:7080', token, upgrades = {} } = options;
  const { recorder, feed, isStopping = () => false } = options;
  const { publicUrl, trustProxy } = checkedProxies(options);
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
  const mayReadNow = (request: IncomingMessage) =>
    readings.take(sourceOf(clientAddressOf(request), defaultLimits.prefixLengths).address);
  const watched = Object.hasOwn(upgrades, '/feed');
  try {
    const server = await openWebServer({
      listen,
      get allowedHosts() {
        return options.allowedHosts ?? [];
      },
      token,
      upgrades,
      publicUrl,
      trustProxy,
      answer: (request, rights) =>
        answerTo(request, {
          ...{ gate, files, costly, rights, watched },
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

/** @throws {OptionError} */
function checkedProxies({ publicUrl, token, trustProxy = [] }: AdminOptions) {
  const url = publicUrl === undefined ? undefined : publicUrlFrom(publicUrl);
  if (url === null) {
    const shown = withoutUser(publicUrl ?? '');
    throw new OptionError('publicUrl', shown, 'an http or https URL, e.g. https://ixgate.example/');
  }
  if (url && token === undefined && !isLoopback(hostOf(url.host) ?? '')) {
    throw new OptionError('publicUrl', url.href, 'a token, since other machines reach it there');
  }
  try {
    new SourceSet(trustProxy);
  } catch (error) {
    throw new OptionError('trustProxy', trustProxy, (error as Error).message);
  }
  return { publicUrl: url?.href, trustProxy };
}
