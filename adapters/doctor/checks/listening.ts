import { lstat, stat } from 'node:fs/promises';
import { connect, createServer, isIPv6 } from 'node:net';
import { dirname } from 'node:path';
import { isWildcard } from '../../net/hosts.js';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../net/transports/endpoint.js';
import { addressOf } from '../../web/address.js';
import { accessProblem } from '../access.js';
import { type Check, type CheckContext, type Finding, fail, ok, warn } from '../check.js';
import { ownerOfPort } from '../port-owner.js';
import type { System } from '../system.js';

/** An address with a port, and the option that names it. */
interface Port {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export const ports: Check = {
  id: 'ports',
  title: 'Ports',
  description:
    'the addresses of --listen and --admin exist on this machine, are free, and may be used by this user. Each is opened for a moment',
  async run({ loaded: { config }, system }) {
    const all = portsOf(config.listen, config.admin);
    const findings: Finding[] = [];
    // One after the other: two of them may need the same port.
    for (const one of all) findings.push(await portFinding(one, system));
    const twice = all.map((one, index) => doubleFinding(one, all.slice(0, index)));
    return [...findings, ...twice.filter((finding) => finding !== null)];
  },
};

/** The finding about an address that meets one before it; null when it meets none. */
function doubleFinding({ name, host, port }: Port, before: readonly Port[]): Finding | null {
  if (port === 0) return null;
  const others = before.filter((other) => other.port === port).map((other) => other.host);
  const text = `${name} has port ${port}, which another address has too`;
  if (others.includes(host)) {
    return fail(`${text}: a host can have it once`, 'use other ports');
  }
  const isMet = others.some((other) => standsFor(other, host) || standsFor(host, other));
  return isMet ? warn(text, 'use other ports') : null;
}

/** Whether a host is a wildcard that has another. The one of IPv6 has IPv4 too, but not the other way around. */
function standsFor(host: string, other: string): boolean {
  return isWildcard(host) && (isIPv6(host) || !isIPv6(other));
}

function portsOf(listen: readonly Endpoint[], admin: string | null): Port[] {
  const clients = listen
    .filter(({ scheme, inherited }) => scheme !== 'unix' && inherited === undefined)
    .map((endpoint) => ({
      name: formatEndpoint(endpoint),
      host: endpoint.host,
      port: endpoint.port,
    }));
  return admin === null ? clients : [...clients, { name: admin, ...addressOf(admin) }];
}

async function portFinding({ name, host, port }: Port, system: System): Promise<Finding> {
  const code = await listenProblem(host, port);
  switch (code) {
    case null:
      return ok(`${name} is free`);
    case 'EADDRINUSE': {
      const owner = await ownerOfPort(port, system);
      if (owner?.isGate) {
        return warn(
          `${name} is taken by a gate that runs already (process ${owner.pid})`,
          'look at that gate: ixgate doctor --against',
        );
      }
      const by = owner === null ? 'another process' : `${owner.name} (process ${owner.pid})`;
      return fail(`${name} is taken by ${by}`, 'stop that process, or use another port');
    }
    case 'EACCES':
      return fail(
        `${name}: this user may not listen on port ${port}`,
        'use a port above 1023, a socket of systemd (systemd://), or AmbientCapabilities=CAP_NET_BIND_SERVICE',
      );
    case 'EADDRNOTAVAIL':
      return fail(
        `${name}: this machine does not have the address ${host}`,
        'use an address of this machine, or 0.0.0.0 for all',
      );
    case 'ENOTFOUND':
      return fail(`${name}: the name ${host} is unknown`, 'use an address, or correct the name');
    default:
      return fail(`${name} cannot be opened: ${code}`, 'use another address');
  }
}

/** The error code of listening on an address; null when it works. */
function listenProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

export const sockets: Check = {
  id: 'sockets',
  title: 'Unix sockets',
  description:
    'the paths of unix sockets (--listen, --control) are short enough, their folders exist and can be written, and what stands there may be replaced',
  async run(context) {
    if (context.system.platform === 'win32') return [];
    const found = await Promise.all(
      socketPaths(context).map(({ name, path }) => socketFinding(name, path)),
    );
    const { listen, socketMode } = context.loaded.config;
    const isOpen = socketMode !== undefined && (socketMode & 0o002) !== 0;
    if (!isOpen || !listen.some(({ scheme }) => scheme === 'unix')) return found;
    const mode = socketMode.toString(8);
    return [
      ...found,
      warn(
        `--socket-mode ${mode} lets every user of the machine connect`,
        'use --socket-mode 660 and a group',
      ),
    ];
  },
};

function socketPaths({ loaded: { config } }: CheckContext) {
  const control = config.control === undefined ? [] : [parseEndpoint(config.control)];
  return [...config.listen, ...control]
    .filter(({ scheme }) => scheme === 'unix')
    .map((endpoint) => ({ name: formatEndpoint(endpoint), path: endpoint.path }));
}

async function socketFinding(name: string, path: string): Promise<Finding> {
  const max = process.platform === 'linux' ? 107 : 103;
  const length = Buffer.byteLength(path);
  if (length > max) {
    return fail(`${name} has ${length} bytes, and the system allows ${max}`, 'use a shorter path');
  }
  const folder = dirname(path);
  const stats = await stat(folder).catch(() => null);
  if (!stats?.isDirectory()) {
    return fail(
      `${name}: the folder ${folder} does not exist`,
      'create it, or use RuntimeDirectory= of systemd',
    );
  }
  if ((await accessProblem(folder, 'wx')) !== null) {
    return fail(`${name}: this user may not write to ${folder}`, `chown or chmod ${folder}`);
  }
  const there = await lstat(path).catch(() => null);
  if (there === null) return ok(`${name} is free`);
  if (!there.isSocket()) {
    return fail(`${name}: the file there is not a socket`, 'remove it, or use another path');
  }
  const code = await connectProblem(path);
  if (code === 'ECONNREFUSED') return ok(`${name}: the file of a former gate will be replaced`);
  if (code === null) {
    return warn(
      `${name} is taken by a process that listens`,
      'look at that gate: ixgate doctor --against, or use another path',
    );
  }
  return fail(`${name} is taken, and cannot be opened: ${code}`, 'use another path');
}

/** The error code of connecting to a socket; null when it works. */
function connectProblem(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
  });
}
