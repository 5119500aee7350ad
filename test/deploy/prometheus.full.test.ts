import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { alertRules, dashboardExpressions, monitoredGate, rulesFile } from './monitored-gate.js';

const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
if (!hasPrometheus) {
  console.warn('SKIPPED: prometheus is not installed (Debian: apt-get install prometheus)');
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly unknown[] };
}

/** A Prometheus that scrapes a gate each second and has the alert rules. */
async function startPrometheus(folder: string, target: string) {
  await copyFile(rulesFile, join(folder, 'ixgate.rules.yml'));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['ixgate.rules.yml'],
    scrape_configs: [{ job_name: 'desks', static_configs: [{ targets: [target] }] }],
  };
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const child: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ask = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
  return {
    query: (expr: string) => ask(`query?query=${encodeURIComponent(expr)}`) as Promise<Answer>,
    rules: () => ask('rules'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

it.skipIf(!hasPrometheus)(
  'a real Prometheus that scrapes a gate evaluates every expression of the dashboard and the rules',
  async () => {
    await using folder = await temporaryFolder();
    await using gate = await monitoredGate();
    const { host } = new URL(gate.gate.admin);
    await using prometheus = await startPrometheus(folder.path, host);
    const value = async (expr: string) => (await prometheus.query(expr)).data?.result.length;
    await expect.poll(() => value('ixgate_build_info').catch(() => 0), { timeout: 60_000 }).toBe(1);
    await gate.traffic();
    await expect
      .poll(() => value('sum(increase(ixgate_messages_total{name="RequestAgentLogin"}[1m])) > 0'), {
        timeout: 60_000,
      })
      .toBe(1);
    for (const [panel, expr] of await dashboardExpressions()) {
      const { status, error, data } = await prometheus.query(expr);
      expect([panel, status, error]).toEqual([panel, 'success', undefined]);
      // What is only shown above zero may be empty.
      if (!/> 0$/.test(expr)) expect(data?.result.length, `${panel}: ${expr}`).toBeGreaterThan(0);
    }
    const loaded = async () => (await prometheus.rules()).data.groups[0].rules;
    const healthy = async () =>
      (await loaded()).filter(({ health }: { health: string }) => health === 'ok').length;
    await expect.poll(healthy, { timeout: 60_000 }).toBe((await alertRules()).length);
    const firing = (await loaded()).filter(({ state }: { state: string }) => state === 'firing');
    // A new self-signed certificate is valid for longer than two weeks.
    expect(firing).toEqual([]);
  },
  180_000,
);
