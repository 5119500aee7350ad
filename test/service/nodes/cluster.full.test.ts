import { describe, expect, it } from 'vitest';
import { ixgate, serving } from '../../cli/ixgate.js';
import { hasRedis } from '../../directory/redis/redis-stores.js';
import { temporaryFolder } from '../../support/folder.js';
import { startRedis } from '../../support/installed-servers.js';
import { type LineClient, lineClient, registerRequest } from '../../support/line-client.js';
import { type Gate, readiness } from '../workers/running-cluster.js';

const lease = 4_000;
const token = 'a-token-of-the-cluster';

interface Listed {
  readonly count: number;
  readonly unreachable: readonly string[];
  readonly sessions: readonly { readonly clientName: string; readonly node: string }[];
}

/** Three gates that share a redis-server, as users start them; the last one has two workers. */
async function threeGates() {
  const folder = await temporaryFolder();
  const redis = await startRedis(folder.path);
  const directory = redis.tcp.replace('tcp:', 'redis:');
  const gates: Gate[] = [];
  for (const node of ['a', 'b', 'c']) {
    const args = ['--directory', directory, '--cluster', 'test', '--node', node];
    const workers = node === 'c' ? ['--workers', '2'] : [];
    const admin = ['--admin', 'http://127.0.0.1:0', '--admin-token', token];
    const own = [...args, '--lease', `${lease}ms`, '--max-lag', '10s', ...admin, ...workers];
    gates.push(await serving(own));
  }
  return {
    gates: gates as [Gate, Gate, Gate],
    redis,
    async [Symbol.asyncDispose]() {
      await Promise.all(gates.map((gate) => gate[Symbol.asyncDispose]()));
      await redis[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function registered(gate: Gate, clientName: string): Promise<LineClient> {
  const client = await lineClient(gate.port);
  const answer = await client.ask(registerRequest({ clientName }));
  expect(answer).toMatchObject({ messageName: 'EventAck' });
  return client;
}

async function listed(gate: Gate): Promise<Listed> {
  const headers = { authorization: `Bearer ${token}` };
  return (await (await fetch(`${gate.admin}/sessions`, { headers })).json()) as Listed;
}

async function metricsOf(gate: Gate): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${gate.admin}/metrics`, { headers })).text();
}

async function ctl(gate: Gate, ...words: string[]): Promise<string> {
  const where = ['--admin', gate.admin, '--token', token, '--timeout', '20s'];
  const { stdout, stderr } = await ixgate(['ctl', ...words, ...where]);
  return stdout + stderr;
}

describe.skipIf(!hasRedis())('three gates on one redis-server', () => {
  it('are one gate to look at and to control', async () => {
    await using it = await threeGates();
    const [a, b, c] = it.gates;
    await using one = await registered(a, 'desk-1');
    await using _two = await registered(b, 'desk-2');
    await using three = await registered(c, 'desk-3');
    for (const gate of it.gates) {
      const { sessions, unreachable } = await listed(gate);
      expect(unreachable).toEqual([]);
      expect(sessions.map(({ clientName, node }) => `${clientName} ${node}`).sort()).toEqual([
        'desk-1 a',
        'desk-2 b',
        'desk-3 c',
      ]);
    }
    expect(await ctl(b, 'sessions')).toMatch(/desk-1 .* a\n[\s\S]*desk-3 .* c\n/);
    expect(await ctl(b, 'nodes')).toMatch(/^a +running +1 +1[\s\S]*^c +running +1 +1/m);
    expect(await ctl(a, 'status')).toMatch(/sessions +a 1, b 1, c 1/);
    const metrics = await metricsOf(b);
    expect(metrics).toContain('ixgate_directory_up 1');
    for (const node of ['a', 'b', 'c']) {
      expect(metrics).toContain(`ixgate_node_up{node="${node}"} 1`);
      expect(metrics).toContain(`ixgate_node_registered{node="${node}"} 1`);
    }

    expect(await ctl(b, 'kick', '--where', 'node=c')).toContain('kicked: 1');
    expect(await three.next()).toMatchObject({ messageName: 'EventError' });
    expect(await ctl(c, 'kick', '--where', 'client=desk-1')).toContain('kicked: 1');
    expect(await one.next()).toMatchObject({ messageName: 'EventError' });

    await ctl(b, 'ban', '192.0.2.7', '--for', '1h');
    for (const gate of it.gates) expect(await ctl(gate, 'bans')).toContain('192.0.2.7');
    await ctl(c, 'unban', '192.0.2.7');
    for (const gate of it.gates) expect(await ctl(gate, 'bans')).toBe('no bans\n');

    expect(await ctl(a, 'drain', '--node', 'b')).toBe('b: draining\n');
    expect(await readiness(b)).toMatchObject({ reason: 'the gate is draining' });
    expect(await ctl(a, 'resume', '--all-nodes')).toContain('b: accepts connections');
    expect(await readiness(b)).toEqual({ status: 'ready' });
    expect(await ctl(a, 'reload', '--all-nodes')).toContain('c: reloaded: no changes');
    expect(await ctl(a, 'reload', '--node', 'x')).toContain(
      'unknown node x; the nodes are a, b, c',
    );
  }, 120_000);

  it('name a gate that was killed, and forget its sessions after its lease', async () => {
    await using it = await threeGates();
    const [a, b] = it.gates;
    await using _one = await registered(a, 'desk-1');
    await using _two = await registered(b, 'desk-2');
    expect((await listed(a)).count).toBe(2);
    b.kill('SIGKILL');
    await b.ended;
    expect(await listed(a)).toMatchObject({ count: 2, unreachable: ['b'] });
    expect(await ctl(a, 'sessions')).toContain('no answer from node b');
    expect(await metricsOf(a)).toContain('ixgate_node_up{node="b"} 0');
    await expect
      .poll(() => listed(a), { timeout: lease + 20_000, interval: 300 })
      .toMatchObject({
        ...{ count: 1, unreachable: [], sessions: [{ clientName: 'desk-1' }] },
      });
  }, 120_000);

  it('say that the directory is lost', async () => {
    await using it = await threeGates();
    const [a] = it.gates;
    await it.redis[Symbol.asyncDispose]();
    await expect
      .poll(() => readiness(a), { timeout: lease + 20_000, interval: 200 })
      .toMatchObject({ reason: 'the directory of names is lost' });
    expect(await ctl(a, 'status')).toMatch(/directory +redis:.*, lost/);
    expect(await listed(a)).toMatchObject({ unreachable: ['b', 'c'] });
  }, 120_000);
});
