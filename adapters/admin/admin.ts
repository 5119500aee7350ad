import type { IncomingMessage } from 'node:http';
import { SourceSet } from '../net/addresses/source-set.js';
import { hostOf, isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import type { GateView } from '../server/index.js';
import { defaultLimits, sourceOf, TokenBuckets } from '../server/limits/index.js';
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

/** Rate limit for requests of sessions and metrics per address. */
const readingRate = { perSecond: 20, burst: 40, sources: 1_024 };

export interface AdminOptions {
  /** Where to listen; port 0 lets the system choose. @default 'http://127.0.0.1:7080' */
  readonly listen?: string | undefined;
  /** Allowed Host names besides localhost while it listens on a loopback address; read for each request. @default [] */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Token for reading sessions and metrics; required for an address that other machines can reach. */
  readonly token?: string | undefined;
  /**
   * Address behind a reverse proxy, e.g. `https://ixgate.example/ops/`: requests may be addressed to its host, and the page may connect
   * from there. Requires a token unless it names this machine. @default none
   */
  readonly publicUrl?: string | undefined;
  /** Addresses and blocks of proxies whose `X-Forwarded-For` and `Forwarded` are trusted for limits per address. @default [] */
  readonly trustProxy?: readonly string[] | undefined;
  /** Handlers of WebSocket upgrades by path; `/feed` is the feed of the page (`SessionFeed`). @default {} */
  readonly upgrades?: Readonly<Record<string, UpgradeHandler>> | undefined;
  /** The recorder of the gate, for `/metrics`. @default none */
  readonly recorder?: Watched['recorder'];
  /** The feed of the gate, for `/metrics`. @default none */
  readonly feed?: Watched['feed'];
  /** Expiry of the gate's TLS certificate in Unix seconds, for `/metrics`. @default none */
  readonly certificateExpiry?: Watched['certificateExpiry'];
  /** Whether the gate is about to stop and still accepts clients: then `/readyz` answers 503. @default never */
  readonly isStopping?: (() => boolean) | undefined;
  /** Folder of the built page. @default the page of this package */
  readonly page?: string | undefined;
}

/** The admin port of one gate, made by `createAdmin`. Closing it does not close the gate. */
export type Admin = WebServer;

/**
 * Serves the page at `/`, and `/healthz`, `/readyz`, `/metrics` and `/sessions` of a gate. By default it listens on a loopback address
 * without a token. There it rejects requests whose Host names another machine, so that a web page cannot read it by DNS rebinding;
 * it never allows cross-origin reading. Other addresses require a token; without it only the page, `/healthz` and `/readyz` are
 * readable. The page asks for the token and signs in (`POST /sign-in`) for seven days.
 *
 * Under frequent requests `/metrics` and `/sessions` may be up to a second old, so that they take at most a tenth of the time. An
 * address with more than 20 such requests per second (burst 40) gets 429.
 * @throws {OptionError} when `listen`, `publicUrl` or `trustProxy` is invalid, or a token is missing; {ListenError} when it cannot listen.
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
