/** Several redis-servers on this machine that belong together. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { testCertificates } from '../../support/certificates.js';
import { temporaryFolder } from '../../support/folder.js';
import { freePort } from '../../support/free-port.js';
import { startRedis, startRedisOn, startSentinel } from '../../support/installed-servers.js';

let certificates: ReturnType<typeof testCertificates> | null = null;

/** The options of a server that uses TLS only. */
export async function secured(folder: string) {
  certificates ??= testCertificates();
  const { ca, server } = await certificates;
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const tls = await freePort();
  const files = [
    ...['--port', '0', '--tls-port', String(tls), '--tls-auth-clients', 'no'],
    ...['--tls-cert-file', await file('cert.pem', server.cert)],
    ...['--tls-key-file', await file('key.pem', server.key)],
    ...['--tls-ca-cert-file', await file('ca.pem', ca)],
  ];
  return { ca, tls, files };
}

/** What has to be closed, the last first. */
class Closing {
  readonly #all: (() => PromiseLike<void>)[] = [];

  use<Value extends AsyncDisposable>(value: Value): Value {
    this.defer(() => value[Symbol.asyncDispose]());
    return value;
  }

  defer(close: () => PromiseLike<void>): void {
    this.#all.unshift(close);
  }

  async close(): Promise<void> {
    for (const close of this.#all) await close();
  }
}

/** A Redis Cluster with three masters. */
export async function startRedisCluster() {
  const stack = new Closing();
  const folder = stack.use(await temporaryFolder());
  const ports: number[] = [];
  for (let at = 0; at < 3; at += 1) {
    const path = join(folder.path, String(at));
    await mkdir(path);
    const bus = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
    const server = stack.use(await startRedis(path, ...bus, '--cluster-node-timeout', '3000'));
    ports.push(server.port);
  }
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...hosts, '--cluster-yes'];
  await promisify(execFile)('redis-cli', create);
  const clients = ports.map((port) => new Redis(port));
  stack.defer(async () => {
    for (const client of clients) await client.quit();
  });
  for (const client of clients) {
    while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await delay(20);
  }
  return {
    url: `redis+cluster://${hosts.join(',')}`,
    ports,
    clients,
    [Symbol.asyncDispose]: () => stack.close(),
  };
}

/** A master with a replica, and three Sentinels that watch it as `main`. */
export async function startSentinels() {
  const stack = new Closing();
  const folder = stack.use(await temporaryFolder());
  const folderOf = async (name: string) => {
    const path = join(folder.path, name);
    await mkdir(path);
    return path;
  };
  const [masterPort, replicaPort] = [await freePort(), await freePort()];
  const soon = ['--repl-diskless-sync-delay', '0'];
  const master = await startRedisOn(masterPort, await folderOf('master'), ...soon);
  stack.defer(() => master[Symbol.asyncDispose]());
  const replicaOf = ['--replicaof', '127.0.0.1', String(masterPort), ...soon];
  const replica = stack.use(
    await startRedisOn(replicaPort, await folderOf('replica'), ...replicaOf),
  );
  const clients = [new Redis(masterPort), new Redis(replicaPort)];
  stack.defer(async () => {
    for (const client of clients) client.disconnect();
  });
  for (const client of clients) client.on('error', () => {});
  const hosts: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    const path = await folderOf(name);
    const file = join(path, 'sentinel.conf');
    const lines = [
      `dir ${path}`,
      `sentinel monitor main 127.0.0.1 ${masterPort} 2`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 5000',
    ];
    await writeFile(file, lines.join('\n'));
    const port = await freePort();
    stack.use(await startSentinel(port, file));
    hosts.push(`127.0.0.1:${port}`);
  }
  const [sentinelPort = 0] = hosts.map((host) => Number(host.split(':')[1]));
  const sentinel = new Redis(sentinelPort);
  stack.defer(async () => sentinel.disconnect());
  const facts = async () => (await sentinel.call('SENTINEL', 'MASTER', 'main')) as string[];
  const fact = async (name: string) => {
    const all = await facts();
    return all[all.indexOf(name) + 1];
  };
  while ((await fact('num-slaves')) !== '1' || (await fact('num-other-sentinels')) !== '2') {
    await delay(50);
  }
  return {
    url: `redis+sentinel://${hosts.join(',')}/main`,
    ...{ master, replica },
    /** The port of the master that the first Sentinel knows. */
    masterPort: async () => Number(await fact('port')),
    /** Waits until a replica follows this master and has what it has now. */
    async synced(port: number) {
      const [from, to] = clients.toSorted((one) => (one.options.port === port ? -1 : 1));
      const offset = async (client: Redis | undefined, name: string) =>
        Number(new RegExp(`${name}:(\\d+)`).exec((await client?.info('replication')) ?? '')?.[1]);
      const target = await offset(from, 'master_repl_offset');
      while (!((await offset(to, 'slave_repl_offset')) >= target)) await delay(50);
    },
    /** Orders a failover. */
    failover: () => sentinel.call('SENTINEL', 'FAILOVER', 'main'),
    [Symbol.asyncDispose]: () => stack.close(),
  };
}
