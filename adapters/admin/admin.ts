import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ControlApi } from '../control/control-api.js';
import { feedOf } from '../feed/index.js';
import {
  type HttpServer,
  isAttached,
  type TakeUpgrade,
  takeUpgrades,
} from '../net/transports/attach.js';
import { OptionError } from '../runtime/errors.js';
import { checkServer } from '../server/attach.js';
import type { GateView } from '../server/index.js';
import { type Answer, errorAnswer, pathOf } from '../web/answer.js';
import { writeAnswer } from '../web/answer-writer.js';
import { WebHandler } from '../web/web-handler.js';
import type { WebRequest } from '../web/web-request.js';
import { type AdminOptions, type AdminSettings, settingsOf } from './admin-options.js';
import { checkGate } from './check-gate.js';
import { requestFrom, responseFrom } from './fetch.js';
import { AdminSite } from './site.js';

/** Milliseconds to send 64 KiB of an answer; then the connection is closed. */
const writeTimeout = 10_000;

/** The admin of a gate inside another web server. Made by `createAdmin`. */
export interface Admin extends AsyncDisposable {
  /** The path that it is mounted at, without a `/` at its end. */
  readonly base: string;
  /**
   * Answers requests of node:http, and of Express and NestJS as `app.use(admin.handler)`. Requests for other paths than `base` go to
   * `next`; without it they get 404. It answers all requests below `base`.
   */
  readonly handler: (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ) => void;
  /**
   * Answers a request of the Fetch API, e.g. in Hono. It has no feed: WebSocket upgrades need `upgrade`.
   * @param peer the address of the client, for the limits of an address. Without it all requests share the limits.
   */
  readonly fetch: (
    request: Request,
    peer?: { readonly remoteAddress?: string },
  ) => Promise<Response>;
  /**
   * Takes a WebSocket upgrade for a path below `base`.
   * @returns whether it did; a request for another path is left alone
   */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /**
   * Takes the WebSocket upgrades below `base` of a server of node:http or node:https, until `close`. Its routes and other WebSockets work as
   * before.
   * @throws {OptionError} for anything but a server, and where an upgrade of these paths is taken already
   */
  attach(server: HttpServer): void;
  /** Makes `/readyz` answer 503 and the page show that the gate shuts down: before `gate.close`. */
  announceStop(): void;
  /** Closes the viewers, takes no more upgrades and stops counting. The gate and the web server keep running. */
  close(): void;
}

/**
 * The page, its feed, `/healthz`, `/readyz`, `/metrics` and `/sessions` of a gate inside a web server of the service. Nothing is
 * readable without the token but the page, `/healthz` and `/readyz`; the page asks for the token and signs in for seven days.
 * `token: false` leaves access to the service.
 *
 * Under frequent requests `/metrics` and `/sessions` may be up to a second old, so that they take at most a tenth of the time. An
 * address with more than 20 such requests per second (burst 40) gets 429.
 * @throws {OptionError} {UnknownOptionError} for invalid options, or without `token`
 */
export function createAdmin(gate: GateView, options: AdminOptions): Admin {
  checkGate(gate);
  const settings = settingsOf(options);
  return new EmbeddedAdmin(gate, options, settings);
}

class EmbeddedAdmin implements Admin {
  readonly base: string;
  readonly #site: AdminSite;
  readonly #web: WebHandler;
  readonly #paths: readonly string[];
  readonly #detach: (() => void)[] = [];
  #isStopping = false;

  constructor(gate: GateView, options: AdminOptions, settings: AdminSettings) {
    const feed = settings.feed === false ? null : feedOf(gate, settings.feed);
    const { onControl, registry } = options;
    const control = new ControlApi({
      ...{ gate, service: null, changes: onControl !== undefined },
      isStopping: () => this.#isStopping,
      onAction: (action) => onControl?.(action),
    });
    const upgrades = { ...(feed && { '/feed': feed }), ...settings.upgrades };
    this.base = settings.base;
    this.#paths = Object.keys(upgrades).map((path) => settings.base + path);
    try {
      this.#site = new AdminSite(gate, options, { upgrades, feed, control, registry });
    } catch (error) {
      feed?.close();
      throw error;
    }
    this.#web = new WebHandler({
      ...settings,
      upgrades,
      answer: (request, rights) => this.#site.answer(request, rights),
    });
  }

  readonly handler: Admin['handler'] = (request, response, next) => {
    // Express removes the path that a handler is mounted at from `url`.
    const { originalUrl = request.url ?? '' } = request as { originalUrl?: string };
    const url = this.#below(originalUrl);
    if (url === null && next) return next();
    const { method, headers, socket } = request;
    void Promise.resolve(
      this.#answer(url, { method, headers, socket, body: bodyOf(request) }),
    ).then((answer) => writeAnswer(request, response, answer, writeTimeout));
  };

  readonly fetch: Admin['fetch'] = async (request, peer = {}) => {
    const { pathname, search } = new URL(request.url);
    const answer = await this.#answer(this.#below(pathname + search), requestFrom(request, peer));
    return responseFrom(answer, request.method);
  };

  readonly upgrade: Admin['upgrade'] = (request, socket, head) => {
    const url = this.#below(request.url ?? '');
    if (url === null) return false;
    this.#web.upgrade(request, socket, head, pathOf(url));
    return true;
  };

  attach(server: HttpServer): void {
    checkServer(server);
    const taken = this.#paths.find((path) => isAttached(server, path));
    if (taken !== undefined) {
      throw new OptionError(
        'base',
        this.base,
        `a path other than that of ${taken}, which is attached`,
      );
    }
    for (const path of this.#paths) {
      const take: TakeUpgrade = (request, socket, head) => void this.upgrade(request, socket, head);
      this.#detach.push(takeUpgrades(server, path, take));
    }
  }

  announceStop(): void {
    this.#isStopping = true;
    this.#site.announceStop();
  }

  close(): void {
    for (const detach of this.#detach.splice(0)) detach();
    this.#site.close();
    this.#web.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** @param url the path and query below `base`; null for another path */
  #answer(url: string | null, request: WebRequest): Answer | Promise<Answer> {
    if (url === null) return errorAnswer(404, `page not found; expected ${this.base}/`);
    if (url.startsWith('/')) return this.#web.answer({ ...request, url });
    // Relative, because a proxy may have removed the beginning of the path.
    const location = `${this.base.slice(this.base.lastIndexOf('/') + 1)}/${url}`;
    return { status: 308, headers: { location }, body: '' };
  }

  /** The path and query below `base`; empty for `base` without a `/`, null for other paths. */
  #below(url: string): string | null {
    if (!url.startsWith(this.base)) return null;
    const rest = url.slice(this.base.length);
    if (rest.startsWith('/')) return rest;
    return pathOf(rest) === '' ? rest : null;
  }
}

/** The body of a request; a parser of the service, e.g. `express.json()`, may have read it already. */
async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  // A parser that leaves a body of another type may set an empty one.
  if (!request.readableDidRead) return yield* request as AsyncIterable<Uint8Array>;
  const { body } = request as { body?: unknown };
  if (typeof body === 'string' || body instanceof Uint8Array) yield Buffer.from(body);
  else if (typeof body === 'object' && body !== null) yield Buffer.from(JSON.stringify(body));
}
