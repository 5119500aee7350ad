// The processes of the bench of clusters: a Redis without persistence, gates, and parts that measure themselves. All end with this process.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LineReader } from '../lines.mjs';
import { pinned } from '../load/load.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** The core of the gate, and that of the store and of the load. */
const cores = { gate: 0, store: 1 };

/** An empty Redis on a free port. */
export async function startRedis(folder) {
  const port = await freePort();
  const child = started('store', [
    'redis-server',
    ...['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    ...['--dir', folder],
  ]);
  child.stdout.resume();
  child.stderr.resume();
  await reachable(port, child);
  return { child, port, url: `redis://127.0.0.1:${port}`, stop: () => stop(child) };
}

/** A gate of the cluster `bench`. @param cap 0 for names without a cap */
export async function startGate(url, node, cap, cluster = 'bench') {
  const child = started('gate', [process.execPath, here('gate.mjs'), url, cluster, node, cap]);
  const lines = new LineReader(child, `gate ${node}`);
  const { port } = JSON.parse(await lines.next());
  return { child, port, stop: () => stop(child) };
}

/** Runs a part to its end. @returns what it printed, which is JSON */
export async function runPart(name, ...args) {
  const [command, ...rest] = pinned(cores.gate, [process.execPath, here(name), ...args]);
  const { stdout } = await promisify(execFile)(command, rest);
  return JSON.parse(stdout);
}

function started(role, command) {
  const [program, ...rest] = pinned(cores[role], command.map(String));
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  child.kill('SIGCONT');
  await ended;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function reachable(port, child) {
  for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${child.spawnargs.join(' ')} does not listen`);
}
