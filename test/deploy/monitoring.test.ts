import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineClient, registerRequest } from '../support/line-client.js';
import { hasPromtool, promtool } from '../support/promtool.js';
import {
  alertRules,
  dashboard,
  dashboardExpressions,
  monitoredGate,
  type Rule,
  rulesFile,
} from './monitored-gate.js';
import { parsePromql, type Selector } from './promql.js';

/** What Prometheus adds to each series, and the metric that it makes. */
const added = ['job', 'instance'];
const made = ['up'];

interface Metric {
  readonly type: string;
  /** The values of each label. */
  readonly labels: Map<string, Set<string>>;
}

let gate: Awaited<ReturnType<typeof monitoredGate>>;
let metrics: Map<string, Metric>;
let rules: readonly Rule[];
let expressions: [where: string, expr: string][];

beforeAll(async () => {
  gate = await monitoredGate();
  await gate.traffic();
  metrics = metricsOf(await gate.metrics());
  rules = await alertRules();
  const alerts = rules.map(({ alert, expr }): [string, string] => [alert, expr]);
  expressions = [...(await dashboardExpressions()), ...alerts];
});
afterAll(() => gate?.[Symbol.asyncDispose]());

/** The series of a text for Prometheus by their names; those of a histogram have its type. */
function metricsOf(text: string): Map<string, Metric> {
  const found = new Map<string, Metric>();
  let type = '';
  for (const line of text.split('\n')) {
    type = /^# TYPE \S+ (\w+)$/.exec(line)?.[1] ?? type;
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const metric = found.get(name) ?? { type, labels: new Map() };
    found.set(name, metric);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      metric.labels.set(label, (metric.labels.get(label) ?? new Set()).add(value));
    }
  }
  return found;
}

/** What is wrong with a selector, by the output of the gate. */
function problemOf({ metric, matchers, functions }: Selector): string | null {
  if (made.includes(metric)) return null;
  const found = metrics.get(metric);
  if (!found) return `the gate has no ${metric}`;
  for (const { label, op, value } of matchers) {
    if (added.includes(label)) continue;
    const values = found.labels.get(label);
    if (!values) return `${metric} has no label ${label}`;
    const wanted = op === '=~' ? value.split('|') : [value];
    const unknown = wanted.find((one) => !values.has(one));
    if (unknown !== undefined) return `${metric} has no ${label}="${unknown}"`;
  }
  const isCounted = found.type === 'counter' || found.type === 'histogram';
  const [inner] = functions;
  if (isCounted !== (inner === 'rate' || inner === 'increase')) {
    return `${metric} is a ${found.type}, in ${inner ?? 'no function'}`;
  }
  const isQuantile = functions.includes('histogram_quantile');
  return isQuantile === metric.endsWith('_bucket') ? null : `${metric} in ${functions.join()}`;
}

describe('every expression of the dashboard and the alert rules', () => {
  it('names metrics, labels and values that a gate has, counters with rate or increase, histograms by their buckets', () => {
    expect(expressions.length).toBeGreaterThan(50);
    const problems = expressions.flatMap(([where, expr]) =>
      parsePromql(expr).selectors.flatMap((selector) => {
        const problem = problemOf(selector);
        return problem === null ? [] : [`${where}: ${problem}`];
      }),
    );
    expect(problems).toEqual([]);
  });

  it('groups by labels that its metrics have', () => {
    const problems = expressions.flatMap(([where, expr]) => {
      const { selectors, grouped } = parsePromql(expr);
      const labels = selectors.flatMap(({ metric }) => [
        ...(metrics.get(metric)?.labels.keys() ?? []),
      ]);
      return grouped
        .filter((label) => !added.includes(label) && !labels.includes(label))
        .map((label) => `${where}: no ${label}`);
    });
    expect(problems).toEqual([]);
  });

  it('would be found wrong: unknown metrics, labels, values, and counters without rate', () => {
    const problemIn = (expr: string) => parsePromql(expr).selectors.map(problemOf)[0];
    expect(problemIn('ixgate_made_up')).toBe('the gate has no ixgate_made_up');
    expect(problemIn('ixgate_connections{stat="x"}')).toBe('ixgate_connections has no label stat');
    expect(problemIn('ixgate_connections{state=~"registered|lost"}')).toBe(
      'ixgate_connections has no state="lost"',
    );
    expect(problemIn('sum(ixgate_connections_accepted_total)')).toMatch('is a counter');
    expect(problemIn('rate(ixgate_connections[5m])')).toMatch('is a gauge');
    expect(problemIn('histogram_quantile(0.9, rate(ixgate_worker_deaths_total[5m]))')).toMatch(
      'in',
    );
    expect(() => parsePromql('sum(rate(')).toThrow('invalid PromQL');
  });

  it('together use every metric of the gate', () => {
    const used = new Set(
      expressions.flatMap(([, expr]) => parsePromql(expr).selectors.map(({ metric }) => metric)),
    );
    const families = [...metrics.keys()].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    const unused = new Set(
      families.filter((family) => ![...used].some((name) => name.startsWith(family))),
    );
    // The median says little, and the whole heap little more than its used part.
    expect([...unused]).toEqual([
      'nodejs_heap_size_total_bytes',
      'nodejs_eventloop_lag_p50_seconds',
    ]);
  });
});

it('the metrics of a gate with workers are the sums of all', async () => {
  const visits = 6;
  const registered = async () => {
    const text = await gate.metrics();
    const value = (series: string) => {
      const line = text.split('\n').find((one) => one.startsWith(`${series} `));
      return Number(line?.split(' ').at(-1));
    };
    return {
      messages: value('ixgate_messages_total{direction="in",name="RequestRegisterClient"}'),
      granted: value('ixgate_validation_outcomes_total{outcome="granted"}'),
      validated: value('ixgate_validation_duration_seconds_count'),
      registrations: value('ixgate_registration_duration_seconds_count'),
    };
  };
  const before = await registered();
  for (let count = 0; count < visits; count += 1) {
    await using desk = await lineClient(gate.gate.port);
    await desk.ask(registerRequest());
    desk.socket.end();
    await desk.ended;
  }
  const names = Object.entries(before).map(([name, value]) => [name, value + visits]);
  await expect.poll(registered).toEqual(Object.fromEntries(names));
});

describe('deploy/grafana/ixgate.json', () => {
  it('is a dashboard of Grafana 10 with a data source to choose, and a title and an id for each panel', async () => {
    const board = await dashboard();
    expect(board.schemaVersion).toBeGreaterThanOrEqual(38);
    const text = JSON.stringify(board);
    const sources = [...text.matchAll(/"type":"prometheus","uid":"([^"]*)"/g)].map(
      ([, uid]) => uid,
    );
    expect(new Set(sources)).toEqual(new Set(['${' + 'datasource}']));
    const { panels } = board;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });
});

describe('deploy/prometheus/ixgate.rules.yml', () => {
  it('has for each alert a severity, a summary, what to do, and a section of docs/operate.md', async () => {
    const page = await readFile('docs/operate.md', 'utf8');
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const { alert, labels, annotations } of rules) {
      expect(['critical', 'warning', 'info'], alert).toContain(labels.severity);
      expect(annotations.summary.length, alert).toBeGreaterThan(20);
      expect(annotations.description.length, alert).toBeGreaterThan(20);
      const [file, anchor] = annotations.runbook.split('#');
      expect(file).toBe('docs/operate.md');
      expect(anchors, alert).toContain(anchor);
    }
  });

  it.skipIf(!hasPromtool)(
    'passes the checks and its unit tests in promtool, which has a test for each alert',
    async () => {
      const checked = promtool(['check', 'rules', rulesFile]);
      expect(checked.status, checked.output).toBe(0);
      const file = 'ixgate.rules.tests.yml';
      const tested = promtool(['test', 'rules', file], '', 'deploy/prometheus');
      expect(tested.status, tested.output).toBe(0);
      const text = await readFile(`deploy/prometheus/${file}`, 'utf8');
      for (const { alert } of rules) {
        const cases = text
          .split('eval_time')
          .filter((one) => one.includes(`alertname: ${alert}\n`));
        expect(
          cases.some((one) => one.includes('exp_labels')),
          `${alert} fires`,
        ).toBe(true);
        expect(
          cases.some((one) => one.includes('exp_alerts: []')),
          `${alert} is quiet`,
        ).toBe(true);
      }
    },
  );
});
