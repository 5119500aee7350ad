import { readFile } from 'node:fs/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AdminPortOptions, openAdminPort } from '../../adapters/admin/admin-port.js';
import type { ClusterView, NodeStatus } from '../../adapters/server/gate-view.js';
import { createServer, type GateView, type ServerOptions } from '../../adapters/server/index.js';
import manifest from '../../package.json' with { type: 'json' };
import { withMetrics } from '../../scripts/metrics-tables.js';
import { type LineClient, lineClient, registerRequest } from '../support/line-client.js';
import { hasPromtool, promtool } from '../support/promtool.js';

const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

/** A gate with its admin port. */
async function counted(
  server: ServerOptions = {},
  admin: AdminPortOptions = {},
  view: Partial<GateView> = {},
) {
  const gate = Object.assign(
    await createServer({ listen: ['tcp://127.0.0.1:0'], ...server }),
    view,
  );
  toClose.push(() => gate.close());
  const port = await openAdminPort(gate, { listen: 'http://127.0.0.1:0', ...admin });
  toClose.push(() => port.close());
  return {
    gate,
    admin: port,
    async client(): Promise<LineClient> {
      const client = await lineClient(gate.endpoints[0]?.port ?? 0);
      toClose.push(async () => void client.socket.destroy());
      return client;
    },
    scrape: async () => readMetrics(await (await fetch(`${port.url}/metrics`)).text()),
  };
}

const sample = /^([a-z_0-9]+)(\{[^{}]*\})? (-?[\d.e+-]+|Nan)$/;

/** Reads the text format of Prometheus: each value by its name and labels. Throws for an invalid line. */
function readMetrics(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP \S+ \S.*|TYPE \S+ (counter|gauge|histogram))$/.test(line))
      continue;
    const [, name, labels = '', value] = sample.exec(line) ?? [];
    if (name === undefined) throw new Error(`no metric: ${line}`);
    values.set(name + labels, Number(value));
  }
  return values;
}

/** Names without labels and without what a histogram appends. */
function namesOf(values: Iterable<string>): Set<string> {
  return new Set([...values].map((key) => key.replace(/(_bucket|_sum|_count)?(\{.*)?$/, '')));
}

/** Those of one metric that are not zero, by their label. */
function those(values: Map<string, number>, name: string): Record<string, number> {
  const found = [...values].filter(([key, value]) => key.startsWith(`${name}{`) && value !== 0);
  return Object.fromEntries(found.map(([key, value]) => [/="(.*)"/.exec(key)?.[1], value]));
}

const workers = { wanted: 2, running: 1, live: 1, deaths: 3, startError: null };
const everything = {
  recorder: { counts: () => ({ steps: 7, dropped: 2 }) },
  certificateExpiry: () => 1_900_000_000,
  feed: { viewers: 3, dropped: 40 },
};

const inCluster = { directory: { store: 'memory', node: 'a' } };
const answered: NodeStatus = {
  ...{ node: 'a', state: 'running', directory: 'live', version: '1', admin: null },
  ...{ sessions: 5, registered: 4, open: 5, names: 4, leaseRemaining: 6_000 },
};
const silent: NodeStatus = {
  ...{ ...answered, node: 'b', state: 'unreachable', directory: null },
  ...{ sessions: null, registered: null, open: null },
};
const cluster: ClusterView = {
  look: async () => [],
  settled: async () => [],
  nodes: async () => [answered, silent],
  drainNodes: async () => [],
  reloadNodes: async () => [],
};

describe('/metrics', () => {
  test('reports the gates of the cluster, also one that does not answer', async () => {
    const it = await counted(inCluster, {}, { cluster });
    const values = await it.scrape();
    expect(values.get('ixgate_directory_up')).toBe(1);
    expect([...values].filter(([key]) => key.startsWith('ixgate_node_'))).toEqual([
      ['ixgate_node_up{node="a"}', 1],
      ['ixgate_node_up{node="b"}', 0],
      ['ixgate_node_sessions{node="a"}', 5],
      ['ixgate_node_registered{node="a"}', 4],
    ]);
  });

  test('reports the outcome of connections, the reason and the duration', async () => {
    const it = await counted({
      maxConnections: 4,
      validator: ({ clientName }) => clientName !== 'intruder',
    });
    const desk = await it.client();
    await desk.ask(registerRequest());
    const refused = await it.client();
    await refused.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
    await refused.ask(registerRequest({ clientName: 'intruder' }));
    const wrong = await it.client();
    wrong.say('no JSON\n');
    await wrong.ended;
    wrong.socket.destroy();
    await expect.poll(() => it.gate.counts().open).toBe(2);
    await it.client();
    await it.client();
    const fifth = await it.client();
    await fifth.ended;
    refused.socket.destroy();
    await expect.poll(() => it.gate.counts().open).toBe(3);

    const values = await it.scrape();
    expect(values.get('ixgate_connections_accepted_total')).toBe(5);
    expect(those(values, 'ixgate_connection_outcomes_total')).toEqual({
      registered: 1,
      refused: 1,
      'protocol-error': 1,
    });
    expect(those(values, 'ixgate_connections_rejected_total')).toEqual({ 'max-connections': 1 });
    // On a busy machine a message may have waited for its turn as well.
    expect(those(values, 'ixgate_limit_hits_total')).toMatchObject({ maxConnections: 1 });
    expect(those(values, 'ixgate_error_responses_total')).toEqual({
      'not-registered': 1,
      'invalid-client': 1,
      'malformed-frame': 1,
    });
    expect(those(values, 'ixgate_connections')).toEqual({ registered: 1, unregistered: 2 });
    expect(values.get('ixgate_registration_duration_seconds_count')).toBe(1);
    expect(values.get('ixgate_registration_duration_seconds_sum')).toBeGreaterThan(0);
    expect(values.get('ixgate_registration_duration_seconds_bucket{le="+Inf"}')).toBe(1);
    expect(values.get('ixgate_internal_errors_total')).toBe(0);
    expect(values.get('ixgate_draining')).toBe(0);
  });

  test('counts a registration once, in seconds, whatever the client says after it', async () => {
    const it = await counted({
      validator: () => new Promise((grant) => setTimeout(grant, 30, true)),
    });
    const desk = await it.client();
    for (let time = 0; time < 3; time += 1) await desk.ask(registerRequest());
    const values = await it.scrape();
    expect(values.get('ixgate_registration_duration_seconds_count')).toBe(1);
    const seconds = values.get('ixgate_registration_duration_seconds_sum') ?? 0;
    expect(seconds).toBeGreaterThan(0.029);
    expect(seconds).toBeLessThan(10);
    expect(values.get('ixgate_registration_duration_seconds_bucket{le="0.025"}')).toBe(0);
  });

  test('tells of validations, of a gate that drains and of problems', async () => {
    const decisions: ((valid: boolean) => void)[] = [];
    const it = await counted({
      maxValidations: 1,
      validator: () => new Promise((decide) => decisions.push(decide)),
    });
    const clients = [await it.client(), await it.client()];
    for (const client of clients) client.say(registerRequest());
    await expect.poll(() => it.gate.counts().validationsWaiting).toBe(1);
    expect(those(await it.scrape(), 'ixgate_validations')).toEqual({ running: 1, waiting: 1 });
    for (const client of clients) {
      await expect.poll(() => decisions.length).toBeGreaterThan(0);
      decisions.shift()?.(true);
      await client.next();
    }
    it.gate.on('registered', () => {
      throw new Error('of the service');
    });
    const third = await it.client();
    third.say(registerRequest());
    await expect.poll(() => decisions.length).toBe(1);
    decisions.shift()?.(true);
    await third.next();
    expect((await it.scrape()).get('ixgate_ready')).toBe(1);
    it.admin.announceStop();
    const announced = await it.scrape();
    expect([announced.get('ixgate_ready'), announced.get('ixgate_draining')]).toEqual([0, 0]);
    const closed = it.gate.close({ drainMs: 10_000 });
    const values = await it.scrape();
    expect(values.get('ixgate_draining')).toBe(1);
    expect(values.get('ixgate_internal_errors_total')).toBe(1);
    for (const client of [...clients, third]) client.socket.destroy();
    await closed;
  });

  test('counts messages by direction and name, and their bytes', async () => {
    const it = await counted({
      on: { RequestPark: ({ reply }) => reply.ack() },
      onMessage: ({ reply }) => reply.send({ messageName: 'EventAgentLoggedIn' }),
    });
    const desk = await it.client();
    const messages = [
      registerRequest(),
      { messageName: 'RequestAgentLogin', referenceId: 2 },
      { messageName: 'RequestPark', referenceId: 3 },
      { messageName: 'RequestMade-up', referenceId: 4 },
    ];
    let sent = 0;
    for (const message of messages) {
      const line = `${JSON.stringify(message)}\n`;
      sent += line.length;
      await desk.ask(line);
    }
    const values = await it.scrape();
    const counts = Object.fromEntries(
      [...values].filter(([key, value]) => key.startsWith('ixgate_messages_total') && value > 0),
    );
    const series = (direction: string, name: string) =>
      `ixgate_messages_total{direction="${direction}",name="${name}"}`;
    expect(counts).toEqual({
      [series('in', 'RequestRegisterClient')]: 1,
      [series('in', 'RequestAgentLogin')]: 1,
      [series('in', 'RequestPark')]: 1,
      [series('in', 'other')]: 1,
      [series('out', 'EventAck')]: 2,
      [series('out', 'other')]: 2,
    });
    expect(values.get('ixgate_message_bytes_total{direction="in"}')).toBe(sent);
    expect(values.get('ixgate_message_bytes_total{direction="out"}')).toBe(desk.socket.bytesRead);
  });

  test('has at most 100 names of messages, however many the service declares', async () => {
    const names = Array.from({ length: 150 }, (_, at) => `RequestMade${at}`);
    const it = await counted({ on: Object.fromEntries(names.map((name) => [name, () => {}])) });
    const series = [...(await it.scrape()).keys()].filter((key) =>
      /messages_total.*"in"/.test(key),
    );
    expect(series).toHaveLength(100);
    expect(series).toContain('ixgate_messages_total{direction="in",name="other"}');
  });

  test('counts the clients that a proxy carries, and their bytes once', async () => {
    const it = await counted({ proxyClients: 5 });
    const proxy = await it.client();
    await proxy.ask(registerRequest({ clientType: 'Proxy', proxyClientId: 1 }));
    await proxy.ask(registerRequest({ clientName: 'desk-7', proxyClientId: 7 }));
    await proxy.ask({ messageName: 'RequestAgentLogin', referenceId: 2, proxyClientId: 8 });
    let values = await it.scrape();
    expect(values.get('ixgate_carried_clients')).toBe(2);
    expect(values.get('ixgate_message_bytes_total{direction="out"}')).toBe(proxy.socket.bytesRead);
    await proxy.ask({ messageName: 'RequestUnregisterClient', referenceId: 3, proxyClientId: 7 });
    values = await it.scrape();
    expect(values.get('ixgate_carried_clients')).toBe(1);
    proxy.socket.destroy();
    await expect.poll(async () => (await it.scrape()).get('ixgate_carried_clients')).toBe(0);
  });

  test('has the outcome and the duration of each validation', async () => {
    const it = await counted({
      validatorTimeout: 30,
      validator: ({ clientName }) => {
        if (clientName === 'throws') throw new Error('of the service');
        if (clientName === 'never' || clientName === 'leaves') return new Promise(() => {});
        return clientName === 'desk-1';
      },
    });
    it.gate.on('problem', () => {});
    const desk = await it.client();
    for (const clientName of ['refused', 'throws', 'never', 'desk-1']) {
      await desk.ask(registerRequest({ clientName }));
    }
    it.gate.reconfigure({ validatorTimeout: 10_000, registrationTimeout: 200 });
    const leaver = await it.client();
    leaver.say(registerRequest({ clientName: 'leaves' }));
    await expect.poll(() => it.gate.counts().validationsRunning).toBe(1);
    leaver.socket.destroy();
    await expect.poll(() => it.gate.counts().validationsRunning).toBe(0);
    const values = await it.scrape();
    expect(those(values, 'ixgate_validation_outcomes_total')).toEqual({
      granted: 1,
      refused: 1,
      failed: 1,
      'timed-out': 1,
      aborted: 1,
    });
    expect(values.get('ixgate_validation_duration_seconds_count')).toBe(5);
    expect(values.get('ixgate_validation_duration_seconds_sum')).toBeGreaterThan(0.029);
    expect(values.get('ixgate_validation_duration_seconds_bucket{le="0.025"}')).toBeLessThan(5);
    expect(values.get('ixgate_validation_duration_seconds_bucket{le="+Inf"}')).toBe(5);
  });

  test('names the versions of ixgate and Node', async () => {
    const it = await counted();
    const series = `ixgate_build_info{version="${manifest.version}",node="${process.versions.node}"}`;
    expect((await it.scrape()).get(series)).toBe(1);
  });

  test('tells of recorder and feed where there are some', async () => {
    const both = await counted({}, everything);
    const values = await both.scrape();
    expect(values.get('ixgate_recorded_steps_total')).toBe(7);
    expect(values.get('ixgate_recording_dropped_steps_total')).toBe(2);
    expect(values.get('ixgate_feed_viewers')).toBe(3);
    expect(values.get('ixgate_feed_dropped_steps_total')).toBe(40);
    const without = await counted();
    expect([...namesOf((await without.scrape()).keys())].join()).not.toMatch(/record|feed/);
  });

  test('tells of the process by the names that dashboards know', async () => {
    const it = await counted();
    const values = await it.scrape();
    const now = Date.now() / 1_000;
    expect(values.get('process_start_time_seconds')).toBeGreaterThan(now - 3_600);
    expect(values.get('process_start_time_seconds')).toBeLessThan(now);
    for (const name of [
      'process_cpu_user_seconds_total',
      'process_resident_memory_bytes',
      'process_open_fds',
      'nodejs_heap_size_used_bytes',
    ]) {
      expect(values.get(name), name).toBeGreaterThan(0);
    }
    expect(values.has('nodejs_gc_duration_seconds_count{kind="major"}')).toBe(true);
    const lag = async () => (await it.scrape()).get('nodejs_eventloop_lag_max_seconds');
    await expect
      .poll(
        () => {
          const until = performance.now() + 300;
          while (performance.now() < until);
          return lag();
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0.2);
    // The gate reports each maximum once.
    await expect.poll(lag).toBeLessThan(0.2);
  });

  test('is text as Prometheus reads it, the headers alone when only they are asked for', async () => {
    const it = await counted();
    const page = await fetch(`${it.admin.url}/metrics?x=1`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-store');
    await page.text();
    const head = await fetch(`${it.admin.url}/metrics`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000);
    expect(await head.text()).toBe('');
    expect((await fetch(`${it.admin.url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  test('wants the token where there is one', async () => {
    const token = 'correct-horse-battery';
    const it = await counted({}, { token });
    const status = async (suffix = '', headers: Record<string, string> = {}) =>
      (await fetch(`${it.admin.url}/metrics${suffix}`, { headers })).status;
    expect(await status()).toBe(401);
    expect(await status('', { authorization: 'Bearer wrong' })).toBe(401);
    expect(await status('', { authorization: `Bearer ${token}` })).toBe(200);
    expect(await status(`?token=${token}`)).toBe(200);
  });

  test('of one gate has nothing of another in the same process', async () => {
    const [one, other] = [await counted(), await counted()];
    const desk = await one.client();
    await desk.ask(registerRequest());
    expect((await one.scrape()).get('ixgate_connections_accepted_total')).toBe(1);
    const values = await other.scrape();
    expect(values.get('ixgate_connections_accepted_total')).toBe(0);
    expect(values.get('ixgate_registration_duration_seconds_count')).toBe(0);
  });

  test('leaves nothing behind when the port is closed, or could not be opened', async () => {
    const disconnect = vi.spyOn(PerformanceObserver.prototype, 'disconnect');
    const it = await counted();
    await it.admin.close();
    await it.admin.close();
    expect(disconnect).toHaveBeenCalled();
    disconnect.mockClear();
    const { port } = it.gate.endpoints[0] ?? {};
    await expect(openAdminPort(it.gate, { listen: `http://127.0.0.1:${port}` })).rejects.toThrow();
    expect(disconnect).toHaveBeenCalled();
    disconnect.mockRestore();
  });
});

describe('the names and labels of metrics', () => {
  test('follow the conventions: one prefix, base units, _total for counters', async () => {
    const it = await counted({}, everything);
    const text = await (await fetch(`${it.admin.url}/metrics`)).text();
    for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      expect(name).toMatch(/^(ixgate|process|nodejs)(_[a-z0-9]+)+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name).not.toMatch(/milli|_ms|minutes|kilo|percent/);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  test('T32: do not depend on what clients send: no name, no address, no secret', async () => {
    const it = await counted({ validator: ({ clientName }) => clientName !== 'intruder' });
    const before = [...(await it.scrape()).keys()];
    const names = [
      'desk-lorem',
      'intruder',
      '"} 1\nforged_total{x="',
      '__proto__',
      'x'.repeat(255),
    ];
    for (const clientName of names) {
      const client = await it.client();
      await client.ask({ messageName: clientName, password: 'secret-ipsum' });
      await client.ask(registerRequest({ clientName, extension: { pin: 'secret-ipsum' } }));
    }
    const text = await (await fetch(`${it.admin.url}/metrics`)).text();
    expect([...readMetrics(text).keys()]).toEqual(before);
    expect(text).not.toMatch(/lorem|intruder|forged|secret|127\.0\.0|xxxx/);
  });

  test('are documented in docs/operate.md: each metric, and no others', async () => {
    const page = await readFile('docs/operate.md', 'utf8');
    expect(withMetrics(page)).toBe(page);
    const [, table = ''] = /<!-- metrics -->([\s\S]*)<!-- \/metrics -->/.exec(page) ?? [];
    const documented = new Set([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
    const it = await counted(inCluster, everything, { workers, cluster });
    expect([...documented].sort()).toEqual([...namesOf((await it.scrape()).keys())].sort());
  });

  test.skipIf(!hasPromtool)('pass the checks of promtool', async () => {
    const it = await counted({}, everything, { workers });
    await (await it.client()).ask(registerRequest());
    const text = await (await fetch(`${it.admin.url}/metrics`)).text();
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, output: '' });
  });

  test('have one type for a name, also without _total, as OpenMetrics demands', async () => {
    const it = await counted({}, everything, { workers });
    const families = [...namesOf((await it.scrape()).keys())].map((name) =>
      name.replace(/_total$/, ''),
    );
    expect(families.filter((name, at) => families.indexOf(name) !== at)).toEqual([]);
  });
});
