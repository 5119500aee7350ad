import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SourceSet } from '../net/addresses/source-set.js';
import { excessRequests, isExcess } from '../net/excess-requests.js';
import { hostOf, isForThisMachine, isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import { ListenError } from '../server/index.js';
import { addressOf } from './address.js';
import { type Answer, errorAnswer, pathOf } from './answer.js';
import { readForwarded } from './client-address.js';
import { type ConnectionLimits, Connections } from './connections.js';
import { isOwnOrigin, TokenGuard, tokenHeader } from './guard.js';
import { refuseUpgrade } from './refuse-upgrade.js';

/** Milliseconds for answers in progress when the server closes. */
const lastAnswers = 500;

/** Milliseconds for a connection to send a request. */
const requestDeadline = 5_000;
/** Keep-alive of an idle connection in milliseconds. */
const keepAlive = 5_000;
/** Milliseconds between two checks of the request deadline. */
const deadlineCheck = 500;

/** The rights of a request. Each is checked when it is read: most requests are for files of the page. */
export interface Rights {
  /** Whether it has the token or is signed in, or the gate has no token. */
  readonly mayRead: boolean;
  /** Whether it is signed in by a cookie. */
  readonly isSignedIn: boolean;
  /** Whether pages of an origin may open WebSockets here. */
  isOwnOrigin(origin: string): boolean;
}

/** Handles WebSocket upgrades of one path. Access has been checked. */
export interface UpgradeHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes its WebSockets. Called when the server closes. */
  close(): void;
}

export interface WebServerOptions {
  readonly listen: string;
  /** Allowed Host names besides localhost while it listens on a loopback address; read for each request. */
  readonly allowedHosts: readonly string[];
  /** The token that `mayRead` and every upgrade require; undefined if not required. */
  readonly token: string | undefined;
  /** Address behind a reverse proxy: its host and origin are accepted like the server's. @default none */
  readonly publicUrl?: string | undefined;
  /** Proxies whose X-Forwarded-For and Forwarded are trusted: see `clientAddressOf`. @default [] */
  readonly trustProxy?: readonly string[] | undefined;
  answer(request: IncomingMessage, rights: Rights): Answer | Promise<Answer>;
  /** By path, e.g. `/feed`. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** @default see ConnectionLimits */
  readonly limits?: Partial<ConnectionLimits> | undefined;
}

export interface WebServer extends AsyncDisposable {
  /** Its address with the actual port, e.g. `http://127.0.0.1:7080`. */
  readonly url: string;
  close(): Promise<void>;
}

/** The answer to a request without a valid token. */
export const tokenMissing = errorAnswer(
  401,
  'token required: Authorization: Bearer TOKEN, or ?token=TOKEN',
  { 'www-authenticate': 'Bearer' },
);

const otherMachine =
  'the Host header names another machine; behind a proxy set its public address (--admin-public-url URL), else allow the name (--allow-host NAME)';

const contradiction =
  'X-Forwarded-For and Forwarded state different clients; the proxy must remove the header that it does not set';

/**
 * Serves pages and WebSockets. On a loopback address it rejects requests whose Host names another machine; other addresses require a
 * token. It never allows cross-origin reading. It has at most 128 connections: a new one replaces the oldest idle one. It closes
 * connections that send no request within 5 seconds. The answers of a connection are made in order, each after the previous one is flushed.
 * @throws {OptionError} for an invalid address or a missing token; {ListenError} when it cannot listen.
 */
export async function openWebServer(options: WebServerOptions): Promise<WebServer> {
  const { listen, token, upgrades } = options;
  const { host, port } = addressOf(listen);
  const local = isLoopback(host);
  if (!local && token === undefined) {
    throw new OptionError('admin', listen, 'a token (adminToken) or an address such as 127.0.0.1');
  }
  const publicUrl = options.publicUrl === undefined ? null : new URL(options.publicUrl);
  const publicOrigin = publicUrl?.origin ?? null;
  const publicHosts = publicUrl ? [hostOf(publicUrl.host) ?? ''] : [];
  const proxies = new SourceSet(options.trustProxy ?? []);
  const isForUs = ({ headers }: IncomingMessage) =>
    !local || isForThisMachine(headers.host, [...options.allowedHosts, ...publicHosts]);
  const guard = new TokenGuard(token);
  const rightsOf = (request: IncomingMessage): Rights => ({
    get mayRead() {
      return guard.admits(request);
    },
    get isSignedIn() {
      return guard.isSignedIn(request);
    },
    isOwnOrigin: (origin) => isOwnOrigin(origin, request, publicOrigin),
  });

  /** The answer to a page that signs in or out; null for other requests. */
  const signingOf = (request: IncomingMessage): Answer | null => {
    const path = pathOf(request.url ?? '');
    if (token === undefined || (path !== '/sign-in' && path !== '/sign-out')) return null;
    const { origin } = request.headers;
    if (origin === undefined || !isOwnOrigin(origin, request, publicOrigin)) {
      return errorAnswer(403, 'only the page of this gate may sign in and out');
    }
    const cookie = path === '/sign-in' ? guard.signIn(request) : guard.signOut(request);
    return cookie === null
      ? errorAnswer(401, `the header ${tokenHeader} has an invalid token`)
      : { status: 204, headers: { 'set-cookie': cookie, 'cache-control': 'no-store' }, body: '' };
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    if (!readForwarded(request, proxies)) return errorAnswer(400, contradiction);
    if (!isForUs(request)) return errorAnswer(403, otherMachine);
    try {
      const signing = request.method === 'POST' ? signingOf(request) : null;
      return signing ?? (await options.answer(request, rightsOf(request)));
    } catch {
      return errorAnswer(500, 'internal error');
    }
  };
  const timeouts = {
    headersTimeout: requestDeadline,
    requestTimeout: requestDeadline,
    connectionsCheckingInterval: deadlineCheck,
    keepAliveTimeout: keepAlive,
  };
  const isFull = (socket: Socket): boolean => connections.isFull(socket);
  const server = createServer({ ...timeouts, IncomingMessage: excessRequests(isFull) });
  const connections = new Connections(server, options.limits);
  const answer: RequestListener = (request, response) =>
    connections.answer(request, response, () => answerTo(request));
  server.on('request', answer);
  // Otherwise Node answers these requests.
  server.on('checkExpectation', answer);
  server.on('upgrade', (request, socket, head) => {
    if (isExcess(request)) connections.refuse(request.socket);
    if (!connections.upgrade(request.socket)) {
      socket.destroy();
      return;
    }
    const handler = Object.hasOwn(upgrades, pathOf(request.url ?? ''))
      ? upgrades[pathOf(request.url ?? '')]
      : undefined;
    const { origin } = request.headers;
    if (!readForwarded(request, proxies)) refuseUpgrade(socket, '400 Bad Request', contradiction);
    else if (!isForUs(request)) refuseUpgrade(socket, '403 Forbidden', otherMachine);
    // Browsers let any page open a WebSocket to any host and send its origin. Requests without Origin are not from pages.
    else if (origin !== undefined && !isOwnOrigin(origin, request, publicOrigin))
      refuseUpgrade(socket, '403 Forbidden', 'the origin is not this gate');
    else if (!handler) refuseUpgrade(socket, '404 Not Found', 'WebSocket not found');
    else if (!guard.admits(request)) refuseUpgrade(socket, '401 Unauthorized', 'token required');
    else handler.upgrade(request, socket, head);
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new ListenError(listen, cause as Error);
  }
  const bound = (server.address() as AddressInfo).port;
  const close = closeOnce(server, Object.values(upgrades));
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function closeOnce(server: Server, upgraded: readonly UpgradeHandler[]): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), lastAnswers);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
      for (const handler of upgraded) handler.close();
    });
    return closed;
  };
}
