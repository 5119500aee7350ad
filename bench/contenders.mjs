// The servers under measurement, and how to start each. Those that are not installed are skipped with a message.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exchanges } from './exchanges.mjs';
import { LineReader } from './lines.mjs';
import { pinned } from './load/load.mjs';

const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A server run by our Node process; `root` is the checkout whose server it is. */
const node = (file, options, exchange = 'lines', more = {}, root = '..') => ({
  exchange: exchanges[exchange],
  ...more,
  async start(folder) {
    const given = options.map((option) => option.replace('FOLDER', folder));
    const [command, ...rest] = pinned(0, [
      process.execPath,
      '--expose-gc',
      join(resolve(here('.'), root), 'bench/servers', file),
      ...given,
    ]);
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    const lines = new LineReader(child, file);
    const told = JSON.parse(await lines.next());
    return {
      child,
      ...told,
      async heap() {
        child.stdin.write('\n');
        return JSON.parse(await lines.next()).heap;
      },
    };
  },
});

/** A server installed on the system. */
const system = (exchange, version, prepare) => ({
  exchange: exchanges[exchange],
  version,
  async start(folder) {
    const port = await freePort();
    const [command, ...rest] = pinned(0, await prepare(port, folder));
    const child = spawn(command, rest, { stdio: ['pipe', 'ignore', 'ignore'] });
    await reachable(port, child);
    return { child, port, heap: async () => null };
  },
});

/** The ways of running ixgate. @param root the checkout whose ixgate it is */
export const ixgateIn = (root) => {
  const ixgate = (options, exchange, more) => node('ixgate.mjs', options, exchange, more, root);
  const viewer = { viewer: true };
  return {
    tcp: ixgate([]),
    'no address exempt': ixgate(['--no-exempt']),
    tls: ixgate(['--scheme', 'tls'], 'lines', { tls: true }),
    ws: ixgate(['--scheme', 'ws'], 'webSocket'),
    recording: ixgate(['--record', 'FOLDER/recording']),
    page: ixgate(['--feed']),
    'page, viewer': ixgate(['--feed'], 'lines', viewer),
    'page, viewer, recording': ixgate(['--feed', '--record', 'FOLDER/both'], 'lines', viewer),
  };
};

const own = ixgateIn('..');

export const contenders = {
  'bare Node echo': node('echo.mjs', []),
  'hand-written gate': node('hand-written.mjs', []),
  'hand-written gate + addresses': node('hand-written.mjs', ['--count-addresses']),
  ixgate: own.tcp,
  'ixgate (actor)': node('ixgate.mjs', ['--runner', 'actor']),
  'ixgate + no address exempt': own['no address exempt'],
  'ixgate + tls': own.tls,
  'ixgate + ws': own.ws,
  'ixgate + recording': own.recording,
  'ixgate + page': own.page,
  'ixgate + page + viewer': own['page, viewer'],
  'ixgate + page + recording + viewer': own['page, viewer, recording'],
  'bare Node TLS echo': node('echo-tls.mjs', [], 'lines', { tls: true }),
  ws: node('ws.mjs', [], 'webSocket', { peer: 'ws' }),
  'engine.io': node('engine.io.mjs', [], 'engineIo', { peer: 'engine.io' }),
  'socket.io': node('socket.io.mjs', [], 'socketIo', { peer: 'socket.io' }),
  aedes: node('aedes.mjs', [], 'mqttWithPassword', { peer: 'aedes' }),
  mosquitto: system('mqtt', ['mosquitto', '-h'], (port, folder) => mosquitto(port, folder, false)),
  'mosquitto + passwords': system('mqttWithPassword', ['mosquitto', '-h'], (port, folder) =>
    mosquitto(port, folder, true),
  ),
  'nats-server': system('nats', ['nats-server', '--version'], (port) => [
    'nats-server',
    ...['-a', '127.0.0.1', '-p', String(port), '--user', 'bench-1', '--pass', 'secret'],
  ]),
  redis: system('redis', ['redis-server', '--version'], (port, folder) => [
    'redis-server',
    ...['--bind', '127.0.0.1', '--port', String(port), '--requirepass', 'secret', '--save', ''],
    ...['--dir', folder, '--maxclients', '18000', '--tcp-backlog', '1024'],
  ]),
};

/** The installed version of a contender; null if it is not installed. */
export async function versionOf({ version, peer }) {
  if (peer) {
    const { default: manifest } = await import(here(`peers/node_modules/${peer}/package.json`), {
      with: { type: 'json' },
    });
    return manifest.version;
  }
  if (!version) return process.version;
  const [command, ...rest] = version;
  try {
    const { stdout, stderr } = await run(command, rest).catch((error) => {
      if (error.code === 'ENOENT') throw error;
      return error;
    });
    return /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown';
  } catch {
    return null;
  }
}

export const makeFolder = () => mkdtemp(join(tmpdir(), 'ixgate-bench-'));
export const removeFolder = (folder) => rm(folder, { recursive: true, force: true });

async function mosquitto(port, folder, withPasswords) {
  const passwords = join(folder, 'passwords');
  if (withPasswords) await run('mosquitto_passwd', ['-b', '-c', passwords, 'bench-1', 'secret']);
  const allow = withPasswords
    ? ['allow_anonymous false', `password_file ${passwords}`]
    : ['allow_anonymous true'];
  const file = join(folder, `mosquitto-${withPasswords}.conf`);
  // Otherwise it would switch to a user that may not read its own files here.
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  await writeFile(file, [`listener ${port} 127.0.0.1`, ...user, ...allow, ''].join('\n'));
  return ['mosquitto', '-c', file];
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when a server listens on the port. */
async function reachable(port, child) {
  const { connect } = await import('node:net');
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (child.exitCode !== null) break;
    const isOpen = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${child.spawnargs.join(' ')} does not listen`);
}
