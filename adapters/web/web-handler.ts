import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { conflictProblem } from '../net/addresses/forwarded.js';
import { SourceSet } from '../net/addresses/source-set.js';
import { type Answer, errorAnswer, type FileAnswer, pathOf } from './answer.js';
import { clientAddressOf, readForwarded } from './client-address.js';
import { isOwnOrigin, TokenGuard, tokenHeader } from './guard.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import type { WebRequest } from './web-request.js';

/** The rights of a request. Each is checked when it is read: most requests are for files of the page. */
export interface Rights {
  /** Whether it has the token or is signed in, or the gate has no token. */
  readonly mayRead: boolean;
  /** Whether it is signed in by a cookie. */
  readonly isSignedIn: boolean;
  /** The answer that refuses a change of the gate; null for a request with the token in `Authorization: Bearer`, of no foreign page. */
  readonly changeRefusal: Answer | null;
  /** Whether pages of an origin may open WebSockets here. */
  isOwnOrigin(origin: string): boolean;
}

/** Handles WebSocket upgrades of one path. Access has been checked. */
export interface UpgradeHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether a page of another origin may connect. @default no such page */
  admitsOrigin?(origin: string, request: WebRequest): boolean;
  /** Closes its WebSockets. Called when the handler of the pages closes. */
  close(): void;
}

/** Pages and WebSockets that a server mounts beside its own. */
export interface MountedPages {
  /** What each path is for. */
  readonly paths: Readonly<Record<string, string>>;
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** The answer to a request for one of its paths; null for other paths. @param mayRead whether the request may read what is guarded */
  find(request: WebRequest, mayRead: boolean): Promise<Answer | null>;
}

/** What a browser did with the token. */
export type Signing = 'signed-in' | 'signed-out' | 'sign-in-failed';

export interface WebHandlerOptions<Page extends Answer | FileAnswer = Answer> {
  /** The token that `mayRead` and every upgrade require; undefined if not required. */
  readonly token: string | undefined;
  /** Address behind a reverse proxy: its origin is accepted like the one of the Host header. @default none */
  readonly publicUrl?: string | undefined;
  /** Proxies whose X-Forwarded-For and Forwarded are trusted: see `clientAddressOf`. @default [] */
  readonly trustProxy?: readonly string[] | undefined;
  /** Why a request for a path with this Host header is rejected; null if it is accepted. */
  hostProblem(host: string | undefined, path: string): string | null;
  answer(request: WebRequest, rights: Rights): Page | Promise<Page>;
  /** By path, e.g. `/feed`. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  /** Called when a browser signs in or out, or tries a wrong token. @param remoteAddress address of the client */
  readonly onSigning?: ((what: Signing, remoteAddress: string) => void) | undefined;
}

/** The answer to a request without a valid token. */
export const tokenMissing = errorAnswer(
  401,
  'token required: Authorization: Bearer TOKEN, or ?token=TOKEN',
  { 'www-authenticate': 'Bearer' },
);

const bearerMissing = errorAnswer(
  401,
  'the token is missing or wrong; changes need the header Authorization: Bearer TOKEN',
  { 'www-authenticate': 'Bearer' },
);
const changesNeedToken = errorAnswer(
  403,
  'this gate has no token, so nothing can be changed here; start it with --admin-token, or with --control and use the unix socket',
);

/** Pages and WebSockets with their access checks, without a socket to listen on. It never allows cross-origin reading. */
export class WebHandler<Page extends Answer | FileAnswer = Answer> {
  readonly #options: WebHandlerOptions<Page>;
  readonly #guard: TokenGuard;
  readonly #proxies: SourceSet;
  readonly #publicOrigin: string | null;

  constructor(options: WebHandlerOptions<Page>) {
    const { publicUrl, token, trustProxy = [] } = options;
    this.#options = options;
    this.#guard = new TokenGuard(token);
    this.#proxies = new SourceSet(trustProxy);
    this.#publicOrigin = publicUrl === undefined ? null : new URL(publicUrl).origin;
  }

  /** The answer to a request. Never rejects. */
  async answer(request: WebRequest): Promise<Page | Answer> {
    if (!readForwarded(request, this.#proxies)) return errorAnswer(400, conflictProblem);
    const { headers, method, url = '' } = request;
    const problem = this.#options.hostProblem(headers.host, pathOf(url));
    if (problem !== null) return errorAnswer(403, problem);
    try {
      const signing = method === 'POST' ? this.#signing(request) : null;
      return signing ?? (await this.#options.answer(request, this.#rightsOf(request)));
    } catch {
      return errorAnswer(500, 'internal error');
    }
  }

  /** Upgrades a request or rejects it. @param path the path among `upgrades` */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    path: string = pathOf(request.url ?? ''),
  ): void {
    const { hostProblem, upgrades } = this.#options;
    const handler = Object.hasOwn(upgrades, path) ? upgrades[path] : undefined;
    const { host, origin } = request.headers;
    const problem = hostProblem(host, path);
    if (!readForwarded(request, this.#proxies))
      refuseUpgrade(socket, '400 Bad Request', conflictProblem);
    else if (problem !== null) refuseUpgrade(socket, '403 Forbidden', problem);
    // Browsers let any page open a WebSocket to any host and send its origin. Requests without Origin are not from pages.
    else if (origin !== undefined && !this.#admitsOrigin(origin, request, handler))
      refuseUpgrade(socket, '403 Forbidden', 'the origin is not this gate');
    else if (!handler) refuseUpgrade(socket, '404 Not Found', 'WebSocket not found');
    else if (!this.#guard.admits(request))
      refuseUpgrade(socket, '401 Unauthorized', 'token required');
    else handler.upgrade(request, socket, head);
  }

  /** Closes the WebSockets. */
  close(): void {
    for (const handler of Object.values(this.#options.upgrades)) handler.close();
  }

  #admitsOrigin(origin: string, request: WebRequest, handler: UpgradeHandler | undefined): boolean {
    if (isOwnOrigin(origin, request, this.#publicOrigin)) return true;
    return handler?.admitsOrigin?.(origin, request) ?? false;
  }

  #rightsOf(request: WebRequest): Rights {
    const guard = this.#guard;
    const changeRefusal = () => this.#changeRefusal(request);
    return {
      get mayRead() {
        return guard.admits(request);
      },
      get isSignedIn() {
        return guard.isSignedIn(request);
      },
      get changeRefusal() {
        return changeRefusal();
      },
      isOwnOrigin: (origin) => isOwnOrigin(origin, request, this.#publicOrigin),
    };
  }

  #changeRefusal(request: WebRequest): Answer | null {
    const { origin } = request.headers;
    if (origin !== undefined && !isOwnOrigin(origin, request, this.#publicOrigin)) {
      return errorAnswer(403, 'the origin is not this gate');
    }
    if (!this.#guard.hasToken) return changesNeedToken;
    return this.#guard.hasBearer(request) ? null : bearerMissing;
  }

  /** The answer to a page that signs in or out; null for other requests. */
  #signing(request: WebRequest): Answer | null {
    const path = pathOf(request.url ?? '');
    const { token } = this.#options;
    if (token === undefined || (path !== '/sign-in' && path !== '/sign-out')) return null;
    const { origin } = request.headers;
    if (origin === undefined || !isOwnOrigin(origin, request, this.#publicOrigin)) {
      return errorAnswer(403, 'only the page of this gate may sign in and out');
    }
    const isIn = path === '/sign-in';
    const cookie = isIn ? this.#guard.signIn(request) : this.#guard.signOut(request);
    const done = isIn ? 'signed-in' : 'signed-out';
    this.#options.onSigning?.(cookie === null ? 'sign-in-failed' : done, clientAddressOf(request));
    return cookie === null
      ? errorAnswer(401, `the header ${tokenHeader} has an invalid token`)
      : { status: 204, headers: { 'set-cookie': cookie, 'cache-control': 'no-store' }, body: '' };
  }
}
