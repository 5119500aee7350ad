import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suiteFrom } from '../../../adapters/cli/testing/read-suite.js';
import { readCoverage } from '../../../adapters/coverage/index.js';
import { parseRecording, registrationEdges } from '../../../machines/index.js';
import { Command, ixgate, serving } from '../../cli/in-process.js';
import { plainServer, socketServer } from './wrong-servers/plain-server.js';
import { AcknowledgesEverybody } from './wrong-servers/wrong-sessions.js';

/** Options for a busy machine. */
const timeouts = ['--registration-timeout', '1200ms', '--rejection-timeout', '700ms'];
const patient = ['--margin', '220ms', '--attempts', '6'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conform-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('ixgate conform', () => {
  test('says that a gate holds, exit 0, and measures its timeouts when they are not given', async () => {
    await using gate = await serving(timeouts);
    const covered = join(folder, 'covered.json');
    const files = ['--coverage', covered];
    const args = ['conform', gate.endpoint, '--criterion', 'transitions', ...patient, ...files];
    const { code, stdout, stderr } = await ixgate(args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^pass {2}tcp:\/\/127\.0\.0\.1:\d+: all 11 cases of transitions passed \(/,
    );
    expect(stdout).toMatch(
      /\nregistration timeout \d+ ms \(measured\), rejection timeout \d+ ms \(measured\)/,
    );
    expect(stdout).toContain('\nTimer policy (the document leaves it open)\n');
    expect(stdout).toMatch(/\n {2}pass +rejection:rejectionTimeout +figures 2a, 2b, 2c; once\n/);
    expect(code).toBe(0);
    // The transitions suite waits for each deadline: the end of the connection is the server's timeout, and no disconnect of the client.
    const { transitions, sessions } = (await readCoverage(covered)).of('tester');
    const documented = registrationEdges.filter(({ figures }) => figures.length > 0);
    expect(documented.filter(({ id }) => !transitions.get(id))).toEqual([]);
    expect(transitions.get('registration:registrationTimeout')).toBeGreaterThan(0);
    expect(sessions).toBeGreaterThan(10);
  });

  test('says how a server differs, exit 6, and keeps it as a recording, as a suite and as JUnit', async () => {
    await using server = await plainServer(AcknowledgesEverybody);
    const file = (name: string) => join(folder, name);
    const [recording, kept, junit] = [file('wrong.jsonl'), file('wrong.suite'), file('wrong.xml')];
    const known = ['--registration-timeout', '900ms', '--rejection-timeout', '450ms'];
    const args = ['conform', server.endpoint, ...known, '--margin', '150ms', '--attempts', '6'];
    const files = ['--record', recording, '--keep', kept, '--junit', junit];
    const { code, stdout } = await ixgate([...args, '--criterion', 'transitions', ...files]);
    expect(stdout).toMatch(
      /^FAIL {2}tcp:.* differs from the model: \d differences, seen in \d+ of 11 cases /,
    );
    expect(stdout).toContain('The server acknowledged a client that is not valid.\n');
    expect(stdout).toContain(`\nSee the sessions: ixgate viz ${recording}\n`);
    expect(code).toBe(6);
    expect(parseRecording(await readFile(recording, 'utf8'))).toMatchObject({ problems: [] });
    expect(await readFile(junit, 'utf8')).toContain(
      'The server acknowledged a client that is not valid.',
    );
    const again = await ixgate([...args, '--suite', kept, '--json']);
    const report = JSON.parse(again.stdout);
    // Acknowledged are: a client that is not valid, one whose attributes are wrong, and an unregistered one.
    expect(report).toMatchObject({ passed: false, cases: { total: 3, failed: 3 } });
    expect(report.failures[0]).toMatchObject({ code: 'wrong-message', documented: true });
    expect(report.timerPolicy).toMatchObject({
      learned: null,
      reason: 'the server did not answer a message of an unregistered client with EventError',
      used: { firstError: 'replaces', laterErrors: 'keeps' },
    });
    expect(again.code).toBe(6);
  });

  test('describes a server of another protocol in one line, exit 5', async () => {
    await using echo = await socketServer((socket) => socket.pipe(socket));
    const { code, stdout, stderr } = await ixgate(['conform', echo.endpoint]);
    expect([stdout, stderr]).toEqual([
      '',
      `ixgate: ${echo.endpoint} cannot be tested: it echoes its input, like an echo server\n`,
    ]);
    expect(code).toBe(5);
    await echo[Symbol.asyncDispose]();
    const gone = await ixgate(['conform', echo.endpoint, '--json']);
    expect(JSON.parse(gone.stderr).error.code).toBe('NOT_REACHABLE');
    expect(gone.code).toBe(5);
  });

  test('names the invalid line of a suite file, exit 2', async () => {
    const path = join(folder, 'other.suite');
    await writeFile(path, '{"suite":2}\n');
    const { code, stderr } = await ixgate(['conform', 'tcp://127.0.0.1:1', '--suite', path]);
    const problem = 'line 1: a suite of version 2; this ixgate reads version 1: generate it again';
    expect(stderr).toBe(`ixgate: ${path}: ${problem}\n`);
    expect(code).toBe(2);
  });

  test.each([
    [['--criterion', 'w9'], '--criterion: there is no criterion "w9"; allowed: states, '],
    [['--timer-policy', 'first'], "argument 'first' is invalid"],
    [['--connections', '0'], '--connections is "0"; allowed: a whole number from 1 to 1000'],
    [['--junit', '/dev/null/x'], 'cannot write /dev/null/x: '],
  ])('refuses %j, exit 2', async (flags, problem) => {
    const { code, stderr } = await ixgate(['conform', 'tcp://127.0.0.1:1', ...flags]);
    expect(stderr).toContain(problem);
    expect(code).toBe(2);
  });

  test('reports the results so far when it is interrupted, exit 130', async () => {
    await using gate = await serving(timeouts);
    const args = ['conform', gate.endpoint, '--connections', '8', ...timeouts, ...patient];
    await using running = new Command(args);
    // By then it plays cases: the first session probes the server.
    for (let sessions = 0; sessions < 3; sessions += 1) await gate.event('disconnected');
    running.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.stdout).toMatch(
      /^interrupted {2}tcp:.*: \d+ of 181 cases of w1 passed, \d+ were not played: interrupted \(/,
    );
  });
});

describe('a suite file', () => {
  const header = (cases: number) =>
    `{"suite":1,"criterion":"w1","guarantee":"x","seed":null,"inputs":["other"],"answers":"any","cases":${cases},"steps":1}\n`;

  test.each([
    ['hello\n', 'line 1: not JSON'],
    ['', 'line 1: the file is empty'],
    [`${header(1)}{"id":"oth`, 'line 2: not JSON: the file is damaged'],
    [header(1), 'line 1: the suite has 0 cases, but its header says 1'],
    [header(0), 'the suite has no cases'],
  ])('%j is reported before the run', async (text, problem) => {
    const path = join(folder, 'damaged.suite');
    await writeFile(path, text);
    await expect(suiteFrom(path)).rejects.toMatchObject({ name: 'UsageError' });
    await expect(suiteFrom(path)).rejects.toThrow(`${path}: ${problem}`);
  });

  test('that does not exist is reported', async () => {
    await expect(suiteFrom(join(folder, 'none'))).rejects.toThrow(/^cannot read .*none: ENOENT/);
  });
});
