/** Where a listener listens: host and port, a unix socket, a socket that the process inherits. */
import cluster from 'node:cluster';
import { chmod, lstat, unlink } from 'node:fs/promises';
import {
  type AddressInfo,
  connect,
  type ListenOptions as NetListenOptions,
  type Server,
} from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { OptionError } from '../../runtime/errors.js';
import { type Endpoint, EndpointError, formatEndpoint } from './endpoint.js';
import type { ListenOptions } from './transport.js';

/** Connections that the system queues until they are accepted. With fewer, clients of a burst wait a second for their retry. */
export const backlog = 1_024;
/** The first descriptor that systemd passes. */
const firstDescriptor = 3;

/**
 * Starts listening. The file of a unix socket on which no process listens is replaced.
 * @returns the endpoint with its actual port or path
 * @throws {EndpointError} {OptionError} the system's error
 */
export async function startListening(
  server: Server,
  endpoint: Endpoint,
  options: Pick<ListenOptions, 'socketMode' | 'ipv6Only'>,
): Promise<Endpoint> {
  const address = addressOf(endpoint, options);
  const mode = endpoint.scheme === 'unix' ? options.socketMode : undefined;
  try {
    await listening(server, address, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (endpoint.scheme !== 'unix' || !(await removeStale(pipePath(endpoint)))) throw error;
    await listening(server, address, mode);
  }
  // The umask of a thread, and of a worker of a cluster, has no effect.
  if (mode !== undefined) await chmod(endpoint.path, mode);
  return boundEndpoint(endpoint, server.address());
}

function listening(
  server: Server,
  address: NetListenOptions,
  mode: number | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    withMode(mode, () =>
      server.listen(address, () => {
        server.off('error', reject);
        resolve();
      }),
    );
  });
}

/** The system creates the file of a socket in the call of `listen`, so it has its mode before another user can open it. */
function withMode(mode: number | undefined, create: () => void): void {
  // A thread cannot set the umask of its process.
  if (mode === undefined || !isMainThread) {
    create();
    return;
  }
  const umask = process.umask(0o777 & ~mode);
  try {
    create();
  } finally {
    process.umask(umask);
  }
}

function addressOf(endpoint: Endpoint, options: Pick<ListenOptions, 'ipv6Only'>): NetListenOptions {
  const { scheme, host, port, inherited } = endpoint;
  if (inherited !== undefined) {
    return {
      fd: typeof inherited === 'number' ? inherited : descriptorOf(inherited),
    } as NetListenOptions;
  }
  if (scheme === 'unix') return { path: pipePath(endpoint), backlog };
  return { host, port, backlog, ipv6Only: options.ipv6Only?.(endpoint) ?? false };
}

function boundEndpoint(endpoint: Endpoint, address: AddressInfo | string | null): Endpoint {
  if (endpoint.scheme === 'unix') return endpoint;
  const { scheme, path } = endpoint;
  if (typeof address === 'string') {
    // The plain protocol over a unix socket; others would need addresses to match their sockets.
    if (scheme === 'tcp') return { scheme: 'unix', host: '', port: 0, path: address };
    throw new EndpointError(formatEndpoint(endpoint), `${scheme} over a unix socket`);
  }
  if (address === null) return endpoint;
  const host = endpoint.inherited === undefined ? endpoint.host : address.address;
  return { scheme, host, port: address.port, path };
}

/**
 * The path of a unix socket for the system.
 * @throws {EndpointError} for a path that the system would cut
 */
export function pipePath(endpoint: Endpoint, { platform } = process): string {
  const { path } = endpoint;
  // Windows: unix:////./pipe/name is \\\\.\\pipe\\name.
  if (platform === 'win32') return path.replaceAll('/', '\\');
  const max = platform === 'linux' ? 107 : 103;
  const length = Buffer.byteLength(path);
  if (length <= max) return path;
  throw new EndpointError(
    formatEndpoint(endpoint),
    `its path has ${length} bytes, and the system allows ${max}`,
  );
}

/**
 * Removes the file of a unix socket on which no process listens any more.
 * @returns whether it did
 */
async function removeStale(path: string): Promise<boolean> {
  const before = await lstat(path).catch(() => null);
  // Any other file also refuses connections.
  if (!before?.isSocket() || !(await isRefused(path))) return false;
  const after = await lstat(path).catch(() => null);
  // Another process may have replaced it meanwhile.
  if (after?.ino !== before.ino || after.ctimeMs !== before.ctimeMs) return false;
  await unlink(path);
  return true;
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

/**
 * The descriptor of a socket that systemd passed (sd_listen_fds(3)).
 * @param name its FileDescriptorName; empty for the first
 * @throws {OptionError} when systemd passed no such socket to this process
 */
export function descriptorOf(name: string, env: NodeJS.ProcessEnv = process.env): number {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = env;
  // The primary process listens for its workers.
  const pid = cluster.isWorker ? process.ppid : process.pid;
  const count = Number(LISTEN_PID) === pid ? Number(LISTEN_FDS) : 0;
  const names = LISTEN_FDNAMES.split(':');
  const index = name === '' ? 0 : names.indexOf(name);
  if (index >= 0 && index < count) return firstDescriptor + index;
  const passed = count > 0 ? `${count} (${names.join(', ')})` : 'none';
  throw new OptionError(
    'listen',
    `systemd://${name}`,
    `a socket that systemd passed to this process (LISTEN_FDS, LISTEN_PID); it passed ${passed}`,
  );
}
