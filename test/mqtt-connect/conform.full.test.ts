/** aedes and mosquitto, judged by the statements of the specification. What they do differently is in docs/protocols.md. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';
import { connectTimeout, installed, startAedes, startMosquitto, values } from './brokers.js';

interface Verdict {
  readonly id: string;
  readonly verdict: string;
  readonly shortest: { readonly case: { readonly id: string }; readonly observed: string } | null;
}

interface Report {
  readonly cases: number;
  readonly passed: number;
  readonly unplayed: number;
  readonly missing: readonly string[];
  readonly statements: readonly Verdict[];
  readonly others: readonly unknown[];
  readonly variants: readonly { readonly input: string; readonly observed: string }[];
}

async function conform(target: string, ...args: readonly string[]) {
  const all = ['conform', target, '--protocol', 'mqtt-connect', ...values, ...args];
  const { code, stdout, stderr } = await ixgate([...all, '--json']);
  expect(stderr).toBe('');
  return { code, report: JSON.parse(stdout) as Report };
}

/** The statements that do not hold, each with the shortest case and what the server did. */
function deviations({ statements }: Report) {
  return statements.flatMap(({ id, shortest }) =>
    shortest ? [`${id}: ${shortest.case.id}: ${shortest.observed || 'nothing'}`] : [],
  );
}

const untested = ({ statements }: Report) =>
  statements.filter(({ verdict }) => verdict === 'not tested').map(({ id }) => id);

const timer = ['--timer', `connectTimeout=${connectTimeout}ms`];

describe('aedes', () => {
  it('differs from MQTT 3.1.1 in two statements', async () => {
    await using broker = await startAedes();
    const { code, report } = await conform(broker.tcp, ...timer);
    expect(deviations(report)).toEqual([
      'MQTT-3.1.2-2: connect-level: closed',
      'MQTT-3.1.3-8: connect-no-id: CONNACK-0',
    ]);
    expect([untested(report), report.others, report.unplayed]).toEqual([[], [], 0]);
    expect(report.variants).toMatchObject([
      { input: 'connect-refused', observed: 'CONNACK-5 closed' },
    ]);
    expect(code).toBe(6);
  });

  it('leaves out what needs a timer that is unknown, and reports it', async () => {
    await using broker = await startAedes();
    const { report } = await conform(broker.tcp, '--criterion', 'transitions');
    expect(report.missing).toEqual([
      'connectTimeout is not waited for without --timer connectTimeout=<duration>',
    ]);
    expect(report.unplayed).toBeGreaterThan(0);
    expect(untested(report)).toEqual(['section 3.1.4']);
  });

  it('is judged in text and JUnit with the statement and the shortest case', async () => {
    await using broker = await startAedes();
    await using folder = await temporaryFolder();
    const junit = join(folder.path, 'mqtt.xml');
    const args = [...timer, ...values, '--criterion', 'states', '--junit', junit];
    const { stdout } = await ixgate(['conform', broker.tcp, '--protocol', 'mqtt-connect', ...args]);
    expect(stdout).toMatch(/^pass {2}connect,ping,disconnect$/m);
    expect(stdout).toMatch(/^holds {7}MQTT-3\.1\.0-1 /m);
    const xml = await readFile(junit, 'utf8');
    expect(xml).toContain('MQTT-3.12.4-1: the server answers PINGREQ with PINGRESP');
  });

  it('is played by a suite file with its version, and by a generated vitest file', async () => {
    await using broker = await startAedes();
    await using folder = await temporaryFolder();
    const generate = [
      'generate',
      '--protocol',
      'mqtt-connect',
      '--criterion',
      'transitions',
      '--out',
      folder.path,
    ];
    for (const format of ['json', 'vitest']) {
      const { code } = await ixgate([...generate, '--format', format]);
      expect(code).toBe(0);
    }
    const suite = join(folder.path, 'transitions.suite.jsonl');
    const { report } = await conform(broker.tcp, ...timer, '--suite', suite);
    expect(deviations(report)).toHaveLength(2);

    const modules = join(folder.path, 'node_modules');
    await mkdir(modules);
    await symlink(resolve('.'), join(modules, 'ixgate'));
    await symlink(resolve('node_modules/vitest'), join(modules, 'vitest'));
    await writeFile(join(folder.path, 'package.json'), '{"type":"module"}');
    const env = {
      IXGATE_TARGET: broker.tcp,
      IXGATE_TIMERS: timer[1] ?? '',
      IXGATE_VALUES: 'username=ixgate,password=right',
      VITEST: '',
    };
    const vitest = resolve('node_modules/vitest/vitest.mjs');
    const ran = await runNode([vitest, 'run', 'transitions.test.ts'], { cwd: folder.path, env });
    expect(ran.stdout).toMatch(/2 failed \| 15 passed \(17\)/);
    expect(ran.stdout + ran.stderr).toContain('expected "CONNACK-2 closed", observed "CONNACK-0"');
  });
});

const mosquitto = installed('mosquitto', '-h');
if (mosquitto === null)
  console.log('skipped: mosquitto is not installed (apt-get install mosquitto)');

describe.skipIf(mosquitto === null)('mosquitto', () => {
  it('disconnects silent clients of MQTT 3.1.1 some seconds late, and differs in nothing else', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto(folder.path);
    const { report } = await conform(broker.tcp);
    expect(deviations(report)).toEqual(['MQTT-3.1.2-24: connect,silence: nothing']);
    const patient = await conform(broker.tcp, '--margin', '6s', '--criterion', 'transitions');
    expect(deviations(patient.report)).toEqual([]);
    expect(patient.report.passed).toBe(patient.report.cases);
    expect(patient.code).toBe(0);
  });

  it('answers an unknown level as a server of 3.1.1 would, also in MQTT 5', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto(folder.path);
    const { report } = await conform(broker.tcp, '--setting', 'version=5', '--margin', '6s');
    expect(deviations(report)).toEqual(['MQTT-3.1.2-2: connect-level: CONNACK-1 closed']);
    expect(report.others).toEqual([]);
  });
});
