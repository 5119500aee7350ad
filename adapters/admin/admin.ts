import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import { OptionError } from '../errors.js';
import { type GateServer, ListenError } from '../server/index.js';
import { type Answer, answerTo, errorAnswer } from './pages.js';

/** Milliseconds an answer under way may still take once the admin is closed. */
const lastAnswers = 500;

export interface AdminOptions {
  /** Where to listen; port 0 lets the system choose. @default 'http://127.0.0.1:7080' */
  readonly listen?: string | undefined;
  /** Names, beside localhost, that requests may be addressed to while it listens on this machine only. @default [] */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** The admin pages of one gate. Made by `createAdmin`. */
export interface Admin extends AsyncDisposable {
  /** Where it listens, with the real port, e.g. `http://127.0.0.1:7080`. */
  readonly url: string;
  /** Stops. The gate goes on. */
  close(): Promise<void>;
}

/**
 * Serves `/healthz`, `/readyz` and `/sessions` of a gate. It has no password: let it listen on this machine only, as it
 * does by default. There it answers only requests addressed to this machine, so that no web page can read it through a name
 * of its own that points here (DNS rebinding); it never allows cross-origin reading.
 * @throws {OptionError} when `listen` cannot be read; {ListenError} when it cannot be listened on.
 */
export async function createAdmin(gate: GateServer, options: AdminOptions = {}): Promise<Admin> {
  const { listen = 'http://127.0.0.1:7080', allowedHosts = [] } = options;
  const { host, port } = addressOf(listen);
  const guard = isLoopback(host) ? new Set(allowedHosts.map((name) => name.toLowerCase())) : null;
  const server = createServer((request, response) => {
    const answer =
      guard && !isForThisMachine(request.headers.host, guard)
        ? errorAnswer(403, 'the Host header names another machine')
        : answerTo(gate, request.method ?? '', request.url ?? '');
    write(request, response, answer);
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new ListenError(listen, cause as Error);
  }
  const bound = (server.address() as AddressInfo).port;
  const close = closeOnce(server);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Where an admin endpoint stands. @throws {OptionError} */
export function addressOf(listen: string): { host: string; port: number } {
  const url = URL.canParse(listen) ? new URL(listen) : null;
  const bare = url?.pathname === '/' && !url.search && !url.username && !url.password;
  if (url?.protocol !== 'http:' || !bare) {
    const shown = listen.replace(/\/\/[^/]*@/, '//***@');
    throw new OptionError('admin', shown, 'http://host:port, e.g. http://127.0.0.1:7080');
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function isForThisMachine(header: string | undefined, allowed: ReadonlySet<string>): boolean {
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const host = new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '');
  return isLoopback(host) || allowed.has(host);
}

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

function closeOnce(server: Server): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => {
    closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), lastAnswers);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
    });
    return closed;
  };
}
