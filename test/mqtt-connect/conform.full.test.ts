/** aedes and mosquitto, judged by the statements of the specification. What they do differently is in docs/protocols.md. */
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';
import { installed, startAedes, startMosquitto, values } from './brokers.js';

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

const idsOf = ({ statements }: Report) =>
  statements.flatMap(({ id, shortest }) => (shortest ? [id] : []));

/** The statements that do not hold for a server, as docs/protocols.md says. */
async function documented(server: string, version: string): Promise<string[]> {
  const page = await readFile('docs/protocols.md', 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.flatMap(([, name, of, id = '']) => (name === server && of === version ? [id] : []));
}

const untested = ({ statements }: Report) =>
  statements.filter(({ verdict }) => verdict === 'not tested').map(({ id }) => id);

/** How long aedes waits for CONNECT, in milliseconds. */
const connectTimeout = 1_500;
const timer = ['--timer', `connectTimeout=${connectTimeout}ms`];

describe('aedes', () => {
  it('differs from MQTT 3.1.1 in two statements', async () => {
    await using broker = await startAedes(connectTimeout);
    const { code, report } = await conform(broker.tcp, ...timer);
    expect(deviations(report)).toEqual([
      'MQTT-3.1.2-2: connect-level: closed',
      'MQTT-3.1.3-8: connect-no-id: CONNACK-0',
    ]);
    const { version } = JSON.parse(await readFile('node_modules/aedes/package.json', 'utf8'));
    expect(await documented(`aedes ${version}`, '3.1.1')).toEqual(idsOf(report));
    expect([untested(report), report.others, report.unplayed]).toEqual([[], [], 0]);
    expect(report.variants).toMatchObject([
      { input: 'connect-refused', observed: 'CONNACK-5 closed' },
    ]);
    expect(code).toBe(6);
  });

  it('leaves out what needs a timer that is unknown, and reports it', async () => {
    await using broker = await startAedes(connectTimeout);
    const { report } = await conform(broker.tcp, '--criterion', 'transitions');
    expect(report.missing).toEqual([
      'connectTimeout is not waited for without --timer connectTimeout=<duration>',
    ]);
    expect(report.unplayed).toBeGreaterThan(0);
    expect(untested(report)).toEqual(['section 3.1.4']);
  });

  it('is judged in text and JUnit with the statement and the shortest case', async () => {
    await using broker = await startAedes(connectTimeout);
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
    await using broker = await startAedes(connectTimeout);
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

describe('a server that counts the Keep Alive from CONNECT only', () => {
  it('fails the figure of the Keep Alive, with the moment', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', ([type]) => {
        if (type === 0xc0) return void socket.write(Uint8Array.of(0xd0, 0));
        socket.write(Uint8Array.of(0x20, 2, 0, 0));
        setTimeout(() => socket.destroy(), 1_500);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const args = ['--protocol', 'mqtt-connect', '--against', `tcp://127.0.0.1:${port}`];
    const { code, stdout } = await ixgate(['figures', 'run', 'keep-alive', ...args]);
    server.close();
    expect(stdout).toContain('wait after connect, wait, ping: expected nothing, observed closed');
    expect(code).toBe(6);
  });
});

/** The version of which docs/protocols.md tells what it does differently. */
const measured = '2.0.11';
const mosquitto = installed('mosquitto', '-h');
if (mosquitto === null) {
  console.log('skipped: mosquitto is not installed (apt-get install mosquitto)');
} else if (mosquitto !== measured) {
  console.log(`skipped: mosquitto ${mosquitto} is not the version of the docs, ${measured}`);
}

/** mosquitto counts in whole seconds: with an odd Keep Alive it may close early. */
const even = ['--timer', 'keepAlive=3s', '--attempts', '1'];
const patient = [...even, '--margin', '7s', '--criterion', 'transitions'];

describe.skipIf(mosquitto !== measured)('mosquitto', () => {
  it('disconnects silent clients of MQTT 3.1.1 some seconds late, and differs in nothing else', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto(folder.path);
    const { report } = await conform(broker.tcp, ...even);
    expect(idsOf(report)).toEqual(['MQTT-3.1.2-24']);
    expect(await documented(`mosquitto ${measured}`, '3.1.1')).toEqual(idsOf(report));
    const waiting = await conform(broker.tcp, ...patient);
    expect(deviations(waiting.report)).toEqual([]);
    expect(waiting.report.passed).toBe(waiting.report.cases);
    expect(waiting.code).toBe(0);
  });

  it('answers an unknown level as a server of 3.1.1 would, also in MQTT 5', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto(folder.path);
    const in5 = ['--setting', 'version=5'];
    const { report } = await conform(broker.tcp, ...in5, ...even);
    expect(idsOf(report)).toEqual(['MQTT-3.1.2-2', 'MQTT-3.1.2-22']);
    expect(await documented(`mosquitto ${measured}`, '5')).toEqual(idsOf(report));
    expect(report.others).toEqual([]);
    const waiting = await conform(broker.tcp, ...in5, ...patient);
    expect(deviations(waiting.report)).toEqual(['MQTT-3.1.2-2: connect-level: CONNACK-1 closed']);
  });
});
