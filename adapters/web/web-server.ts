import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostOf, isForThisMachine, isLoopback } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import { ListenError } from '../server/index.js';
import { SourceSet } from '../server/limits/index.js';
import { addressOf } from './address.js';
import { type Answer, errorAnswer, pathOf } from './answer.js';
import { readForwarded } from './client-address.js';
import { type ConnectionLimits, Connections } from './connections.js';
import { excessRequests, isExcess } from './excess-requests.js';
import { isOwnOrigin, TokenGuard, tokenHeader } from './guard.js';
import { refuseUpgrade } from './refuse-upgrade.js';

/** Milliseconds an answer under way may still take once the server is closed. */
const lastAnswers = 500;

/** Milliseconds a connection may take to send a request. */
const requestDeadline = 5_000;
/** Milliseconds a connection is kept after an answer. */
const keepAlive = 5_000;
/** Milliseconds between two checks of the deadline. */
const deadlineCheck = 500;

/** What a request may do. Each is checked when it is read: most requests are for files of the page. */
export interface Rights {
  /** Whether it shows the token or is signed in, or no token is needed. */
  readonly mayRead: boolean;
  /** Whether it is signed in by a cookie. */
  readonly isSignedIn: boolean;
  /** Whether pages of an origin may open WebSockets here. */
  isOwnOrigin(origin: string): boolean;
}

/** Takes the WebSocket upgrades of one path. Who may has been checked by then. */
export interface UpgradeHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets those go that were taken. Called when the server closes. */
  close(): void;
}

export interface WebServerOptions {
  readonly listen: string;
  /** Names, beside localhost, that requests may be addressed to while it listens on this machine only; read for each request. */
  readonly allowedHosts: readonly string[];
  /** What a request must show where `mayRead` is asked, and every upgrade. */
  readonly token: string | undefined;
  /** Where people reach it through a reverse proxy: requests may be addressed to its host, and pages of its origin are its own. @default none */
  readonly publicUrl?: string | undefined;
  /** Proxies whose X-Forwarded-For is believed: see `clientAddressOf`. @default [] */
  readonly trustProxy?: readonly string[] | undefined;
  answer(request: IncomingMessage, rights: Rights): Answer | Promise<Answer>;
  /** By path, e.g. `/feed`. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** @default see ConnectionLimits */
  readonly limits?: Partial<ConnectionLimits> | undefined;
}

export interface WebServer extends AsyncDisposable {
  /** Where it listens, with the real port, e.g. `http://127.0.0.1:7080`. */
  readonly url: string;
  close(): Promise<void>;
}

/** The answer to a request that does not show the token. */
export const tokenMissing = errorAnswer(
  401,
  'a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN',
  { 'www-authenticate': 'Bearer' },
);

const otherMachine =
  'the Host header names another machine; behind a proxy, give the gate the address that people use (--admin-public-url URL), else the name (--allow-host NAME)';

/**
 * Serves pages and WebSockets. On this machine only it answers only what is addressed to this machine; for others to reach it,
 * it needs a token. It never allows cross-origin reading. It has at most 128 connections: a new one takes the place of the oldest
 * idle one. It closes those that send no request within 5 seconds. The answers of a connection are made one after another, each when the one before is read.
 * @throws {OptionError} for an address that cannot be read, or that needs a token; {ListenError} when it cannot be listened on.
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

  /** The answer to a page that signs in or out; null for any other request. */
  const signingOf = (request: IncomingMessage): Answer | null => {
    const path = pathOf(request.url ?? '');
    if (token === undefined || (path !== '/sign-in' && path !== '/sign-out')) return null;
    const { origin } = request.headers;
    if (origin === undefined || !isOwnOrigin(origin, request, publicOrigin)) {
      return errorAnswer(403, 'only the page of this gate signs in and out');
    }
    const cookie = path === '/sign-in' ? guard.signIn(request) : guard.signOut(request);
    return cookie === null
      ? errorAnswer(401, `the header ${tokenHeader} has another token than the gate`)
      : { status: 204, headers: { 'set-cookie': cookie, 'cache-control': 'no-store' }, body: '' };
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    readForwarded(request, proxies);
    if (!isForUs(request)) return errorAnswer(403, otherMachine);
    try {
      const signing = request.method === 'POST' ? signingOf(request) : null;
      return signing ?? (await options.answer(request, rightsOf(request)));
    } catch {
      return errorAnswer(500, 'this could not be answered');
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
  // Without this, Node answers them itself.
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
    readForwarded(request, proxies);
    const { origin } = request.headers;
    if (!isForUs(request)) refuseUpgrade(socket, '403 Forbidden', otherMachine);
    // Browsers let any page open a WebSocket to anywhere, and say which page it was. Without Origin it is not from a page.
    else if (origin !== undefined && !isOwnOrigin(origin, request, publicOrigin))
      refuseUpgrade(socket, '403 Forbidden', 'the page is not of this gate');
    else if (!handler) refuseUpgrade(socket, '404 Not Found', 'there is no WebSocket here');
    else if (!guard.admits(request)) refuseUpgrade(socket, '401 Unauthorized', 'a token is needed');
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
