import type { GateView } from '../server/index.js';
import type { Signing, UpgradeHandler } from '../web/web-handler.js';
import { openWebServer, type WebServer } from '../web/web-server.js';
import { AdminSite, checkedProxies, type SiteOptions, type SiteParts } from './site.js';

export interface AdminPortOptions extends SiteOptions {
  /** Where to listen; port 0 lets the system choose. @default 'http://127.0.0.1:7080' */
  readonly listen?: string | undefined;
  /** Allowed Host names besides localhost while it listens on a loopback address; read for each request. @default [] */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Token for reading sessions and metrics; required for an address that other machines can reach. */
  readonly token?: string | undefined;
  /** Handlers of WebSocket upgrades by path; `/feed` is the feed of the page (`SessionFeed`). @default {} */
  readonly upgrades?: Readonly<Record<string, UpgradeHandler>> | undefined;
  /** Called when a browser signs in or out, or tries a wrong token. @default none */
  readonly onSigning?: ((what: Signing, remoteAddress: string) => void) | undefined;
  /** Live control; see SiteParts. @default none */
  readonly control?: SiteParts['control'];
  /** The inspector at `/inspector`, with its WebSockets. @default none */
  readonly inspector?: SiteParts['inspector'];
  /** The feed of the gate, for `/metrics` and `announceStop`. @default none */
  readonly feed?: SiteParts['feed'];
}

/** The admin port of one gate. Closing it does not close the gate. */
export interface AdminPort extends WebServer {
  /** Makes /readyz answer 503 and the page show that the gate shuts down. */
  announceStop(): void;
}

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
export async function openAdminPort(
  gate: GateView,
  options: AdminPortOptions = {},
): Promise<AdminPort> {
  const { listen = 'http://127.0.0.1:7080', token, feed, control, inspector } = options;
  const upgrades = { ...options.upgrades, ...inspector?.upgrades };
  const proxies = checkedProxies(options, token !== undefined);
  const site = new AdminSite(gate, options, { upgrades, feed, control, inspector });
  try {
    const server = await openWebServer({
      listen,
      get allowedHosts() {
        return options.allowedHosts ?? [];
      },
      token,
      upgrades,
      onSigning: options.onSigning,
      ...proxies,
      answer: (request, rights) => site.answer(request, rights),
    });
    const close = () => {
      site.close();
      return server.close();
    };
    const announceStop = () => site.announceStop();
    return { url: server.url, announceStop, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    site.close();
    throw error;
  }
}
