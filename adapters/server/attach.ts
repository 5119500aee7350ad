import type { TrustedProxies } from '../net/addresses/trusted-proxies.js';
import { allowedHost } from '../net/hosts.js';
import { attachTo, type HttpServer, isAttached } from '../net/transports/attach.js';
import type { ListenOptions, ProxyProtocol } from '../net/transports/transport.js';
import { OptionError } from '../runtime/errors.js';
import { kindOf } from '../runtime/kind-of.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { originOf, trustedProxies } from './options.js';

/** Options of `attach`. Those that are left out have the value of the gate. */
export interface AttachOptions {
  /** The path of the upgrades, without a query, e.g. `/ix`. The query of a request does not matter. */
  readonly path: string;
  /** Proxies whose `X-Forwarded-For` and `Forwarded` are believed: addresses, blocks, `unix`. @default that of the gate */
  readonly trustProxy?: readonly string[] | undefined;
  /** @default that of the gate */
  readonly allowOrigin?: readonly string[] | undefined;
  /** @default that of the gate */
  readonly allowedHosts?: readonly string[] | undefined;
  /** The name of the listener, for validators. @default the path */
  readonly name?: string | undefined;
}

/** A gate at the path of an HTTP server. */
export interface Attachment extends Disposable {
  readonly path: string;
  /** Takes no more upgrades; then they are handled as if the gate had never been attached. Open connections stay. */
  close(): void;
}

/** What a listener or an attachment has instead of the settings of the gate. */
export interface OwnListenOptions {
  readonly proxyProtocol?: ProxyProtocol;
  readonly trusted?: TrustedProxies;
  readonly allowOrigin?: readonly string[];
  readonly allowedHosts?: readonly string[];
}

const names = ['path', 'trustProxy', 'allowOrigin', 'allowedHosts', 'name'] as const;

/**
 * Attaches a gate to a server.
 * @param listenOptions creates the options of a listener with a name
 * @throws {OptionError} {UnknownOptionError}
 */
export function attachGate(
  server: HttpServer,
  options: AttachOptions,
  listenOptions: (name: string, own: OwnListenOptions) => ListenOptions,
): Attachment {
  checkServer(server);
  const { path, name = path, trustProxy, allowOrigin, allowedHosts } = checked(options);
  if (isAttached(server, path)) {
    throw new OptionError('path', path, 'a path that no other gate of this server has');
  }
  const own = {
    ...(trustProxy && { trusted: trustedProxies(trustProxy) }),
    ...(allowOrigin && { allowOrigin: allowOrigin.map(originOf) }),
    ...(allowedHosts && { allowedHosts: allowedHosts.map(allowedHost) }),
  };
  let detach: (() => void) | null = attachTo(server, path, listenOptions(name, own));
  const close = () => {
    detach?.();
    detach = null;
  };
  return { path, close, [Symbol.dispose]: close };
}

function checked(options: AttachOptions): AttachOptions {
  const given = Object(options) as AttachOptions;
  checkOptionNames(given, names);
  const { path, name } = given;
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) {
    throw new OptionError('path', path, 'a path such as /ix, without a query');
  }
  if (name !== undefined && typeof name !== 'string') throw new OptionError('name', name, 'a text');
  return given;
}

/** @throws {OptionError} */
export function checkServer(server: unknown): void {
  const { emit, listenerCount, address } = Object(server) as Partial<HttpServer>;
  if ([emit, listenerCount, address].every((method) => typeof method === 'function')) return;
  throw new OptionError(
    'server',
    kindOf(server),
    'a server of node:http or node:https (Fastify: app.server, Express: what app.listen returns)',
  );
}
