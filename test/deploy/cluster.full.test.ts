import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createClient } from '../../adapters/client/index.js';
import { type Line, serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { type GatePorts, startHaproxy } from './haproxy.js';
import { hasProgram } from './programs.js';

const hasHaproxy = await hasProgram('haproxy', ['-v'], 'haproxy');
const hasRedis = await hasProgram('redis-server', ['--version'], 'redis-server');

const text = await readFile('deploy/docker/compose.cluster.yaml', 'utf8');
const compose = parse(text, { merge: true });
const secrets = { 'admin-token': 'a-token-for-this-test', 'redis-password': 'sesame and more' };

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** Redis by the command of the compose file, in a folder with the secrets. */
async function startRedis(folder: string): Promise<number> {
  const port = await freePort();
  const { command, healthcheck } = compose.services.redis;
  // Compose makes one $ of two.
  const local = (script: string) =>
    script
      .replaceAll('$$', '$')
      .replaceAll('/run/secrets', folder)
      .replace('/data', folder)
      .replace('appendonly yes', `appendonly yes\nport ${port}\nbind 127.0.0.1`)
      .replace('redis-cli', `redis-cli -p ${port}`);
  const [shell, ...args] = command.map(local);
  const child = spawn(shell, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  opened.push({
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  });
  const isHealthy = () =>
    promisify(execFile)('sh', ['-c', local(healthcheck.test[1])]).then(
      () => true,
      () => false,
    );
  await expect.poll(isHealthy).toBe(true);
  // The shell has become the server, whose arguments every user of the machine can read.
  const shown = await readFile(`/proc/${child.pid}/cmdline`, 'utf8');
  expect(shown).toContain('redis-server');
  expect(shown).not.toContain(secrets['redis-password']);
  return port;
}

/** A gate by the configuration of the compose file. */
async function startGate(folder: string, name: string, redis: number, ports: GatePorts) {
  const file = join(folder, `${name}.yaml`);
  const config = compose.configs.gate.content
    .replace('172.28.70.10', '127.0.0.1')
    .replace('redis:6379', `127.0.0.1:${redis}`);
  // The machine may be busy: a gate that is overloaded is not ready.
  await writeFile(file, `${config}maxLag: 60s\n`);
  const { hostname: node, environment } = compose.services[name];
  const env = JSON.parse(JSON.stringify(environment).replaceAll('/run/secrets', folder));
  const gate = await serving(
    [
      ...['--config', file, '--admin', `http://127.0.0.1:${ports[7080]}`],
      ...['--listen', `tcp://127.0.0.1:${ports[7004]}`],
      ...['--listen', `ws://127.0.0.1:${ports[7005]}`],
    ],
    // In a container the host name is that of the compose file.
    { cwd: folder, env: { ...env, IXGATE_NODE: node } },
  );
  opened.push(gate);
  /** The epochs that it has granted to the name. */
  const epochs = () =>
    gate.stdout
      .split('\n')
      .filter((line) => line.includes('"event":"registered"'))
      .map((line) => JSON.parse(line) as Line)
      .flatMap(({ clientName, epoch }) => (clientName === 'desk-1' ? [Number(epoch)] : []));
  return { gate, node, epochs };
}

describe.skipIf(!hasHaproxy || !hasRedis)(
  'Three gates and Redis by deploy/docker/compose.cluster.yaml, behind HAProxy by deploy/haproxy/cluster.cfg',
  () => {
    it('own a name once; when its gate is killed, or stops, the client registers at another', async () => {
      const folder = await temporaryFolder();
      opened.push(folder);
      for (const [name, content] of Object.entries(secrets))
        await writeFile(join(folder.path, name), `${content}\n`);
      await writeFile(join(folder.path, 'clients.yaml'), compose.configs.clients.content);
      const redis = await startRedis(folder.path);

      const names = Object.keys(compose.services).filter((name) => name.startsWith('gate-'));
      const all: GatePorts[] = [];
      for (const _ of names) {
        const [tcp, ws, admin] = [await freePort(), await freePort(), await freePort()];
        all.push({ 7004: tcp, 7005: ws, 7006: tcp, 7080: admin });
      }
      const gates = await Promise.all(
        names.map((name, at) => startGate(folder.path, name, redis, all[at] as GatePorts)),
      );
      expect(gates.map(({ node }) => node)).toEqual(['gate-1', 'gate-2', 'gate-3']);
      const haproxy = await startHaproxy(all, 'cluster.cfg');
      opened.push(haproxy);
      await haproxy.until('UP', 'UP', 'UP');

      const client = createClient({
        endpoints: `tcp://127.0.0.1:${haproxy.tcp}`,
        ...{ clientName: 'desk-1', clientType: 'AgentApplication' },
        reconnect: { initialDelay: 100, maxDelay: 500, spread: 0 },
      });
      opened.push(client);
      await client.registered;
      const owners = () => gates.filter(({ epochs }) => epochs().length > 0);
      await expect.poll(() => owners().length).toBe(1);
      const [first] = owners();
      for (let count = 0; count < 3; count += 1) {
        await using other = await lineClient(haproxy.tcp);
        const answer = await other.ask(registerRequest({ clientName: 'desk-1' }));
        expect(answer).toMatchObject({ errorCode: 9 });
      }

      first?.gate.kill('SIGKILL');
      await expect.poll(() => owners().length, { timeout: 60_000 }).toBe(2);
      const second = owners().find((one) => one !== first);

      second?.gate.kill('SIGTERM');
      await expect.poll(() => owners().length, { timeout: 60_000 }).toBe(3);
      expect(await second?.gate.ended).toBe(0);
      const third = owners().find((one) => one !== first && one !== second);

      const epochs = [first, second, third].flatMap((one) => one?.epochs() ?? []);
      expect(epochs).toEqual([...epochs].sort((one, other) => one - other));
      expect(new Set(epochs).size).toBe(epochs.length);
      await haproxy.until(...gates.map((one) => (one === third ? 'UP' : 'DOWN')));
    }, 240_000);
  },
);
