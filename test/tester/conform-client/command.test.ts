import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../../adapters/client/index.js';
import { parseRecording, sessionsOf } from '../../../machines/index.js';
import { Command, ixgate } from '../../cli/in-process.js';
import { temporaryFolder } from '../../support/folder.js';

const client = fileURLToPath(new URL('client.mjs', import.meta.url));
const start = ['--', process.execPath, client, '{host}', '{port}'];
const quick = ['--settle', '150ms', '--pause', '100ms', '--rejection-timeout', '300ms'];

describe.concurrent('ixgate conform-client', () => {
  test('starts a client for each path, and is content with one that is right', async () => {
    await using folder = await temporaryFolder();
    const [recording, report] = [join(folder.path, 'r.jsonl'), join(folder.path, 'r.xml')];
    const files = ['--record', recording, '--junit', report];
    const paths = ['--paths', 'error,ack,foreign-ack'];
    const { code, stdout, stderr } = await ixgate([
      'conform-client',
      ...quick,
      ...paths,
      ...files,
      '--verbose',
      ...start,
    ]);
    expect(stderr).toMatch(/^client: heard \{"messageName":"EventAck","referenceId":1\}$/m);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^listening on tcp:\/\/127\.0\.0\.1:\d+: starting .* for each path$/);
    expect(lines[1]).toMatch(/^pass +ack +[\d.]+ m?s {2}acknowledges at once$/);
    expect(lines[2]).toMatch(/^pass +foreign-ack /);
    expect(lines[3]).toMatch(/^pass +error /);
    expect(stdout).toMatch(
      /\n10 of 10 requirements passed, 0 failed, 0 inconclusive; 3 of 3 paths played\n$/,
    );
    expect(stdout).toContain('Its first message is RequestRegisterClient. (figures 1, 2b)');
    expect(code).toBe(0);

    const { steps, problems } = parseRecording(await readFile(recording, 'utf8'));
    expect(problems).toEqual([]);
    expect([...sessionsOf(steps).keys()]).toEqual(['ack', 'foreign-ack', 'error']);
    const xml = await readFile(report, 'utf8');
    expect(xml).toContain('tests="13" failures="0" errors="0"');
  });

  test('shows the violation of a wrong client, exit 6', async () => {
    await using folder = await temporaryFolder();
    const report = join(folder.path, 'r.xml');
    const args = ['conform-client', ...quick, '--paths', 'error', '--junit', report, ...start];
    const { code, stdout } = await ixgate([...args, 'hasty']);
    expect(stdout).toMatch(/^FAIL {10}error .*refuses, and keeps the connection open$/m);
    expect(stdout).toMatch(
      /^ +The client sent RequestAgentLogin \d+ ms after EventError \(reference id 1\); it was refused\. \(refused-is-not-registered\)$/m,
    );
    expect(stdout).toMatch(/\|-+>\| +\d+ ms {2}refused-is-not-registered\n/);
    expect(stdout).toMatch(
      / requirements passed, 1 failed, 0 inconclusive; 1 of 1 paths played\n$/,
    );
    expect(code).toBe(6);
    expect(await readFile(report, 'utf8')).toMatch(/failures="2" errors="0"/);
  });

  test('judges a client that connects by itself, with one JSON object for each path', async () => {
    const args = [
      'conform-client',
      '--json',
      '--listen',
      'ws://127.0.0.1:0',
      '--paths',
      'ack,drop',
    ];
    await using running = new Command([...args, ...quick]);
    const { endpoint, ca } = await running.event('listening');
    expect(ca).toBeNull();
    await using own = createClient({
      endpoints: String(endpoint),
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      reconnect: { initialDelay: 10, spread: 10 },
    });
    expect(own.state).not.toBe('stopped');
    const first = await running.event('path');
    expect(first).toMatchObject({ path: 'ack', verdict: 'pass', violations: [] });
    expect((first.seen as { kind: string }[])[0]?.kind).toBe('connect');
    expect(await running.event('path')).toMatchObject({ path: 'drop', verdict: 'pass' });
    const result = await running.event('result');
    expect(result).toMatchObject({ verdict: 'pass', paths: { ack: 'pass', drop: 'pass' } });
    const [requirement] = result.requirements as object[];
    expect(requirement).toMatchObject({
      id: 'registers-first',
      figures: ['1', '2b'],
      verdict: 'pass',
      violations: [],
    });
    expect(await running.ended).toBe(0);
  });

  test('reports that no client connected, exit 4', async () => {
    const { code, stdout } = await ixgate(['conform-client', '--connect-timeout', '50ms']);
    expect(stdout).toMatch(/^inconclusive {2}ack .*: the client did not connect within 50 ms$/m);
    expect(stdout).toMatch(
      /\n0 of 12 requirements passed, 0 failed, 12 inconclusive; 0 of 17 paths played\n$/,
    );
    expect(code).toBe(4);
  });

  test('reports the results so far when it is interrupted, exit 130', async () => {
    await using running = new Command(['conform-client']);
    await running.line();
    running.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.stdout).toMatch(/^inconclusive {2}ack .*: the run was interrupted before it$/m);
    expect(running.stdout).toContain('0 of 17 paths played');
  });

  test('kills a client that ignores SIGTERM', async () => {
    const stubborn = 'trap "" TERM; echo $$; while :; do sleep 0.05; done';
    const args = ['conform-client', '--connect-timeout', '1s', '--paths', 'ack', '--verbose'];
    const { code, stderr } = await ixgate([...args, '--', 'sh', '-c', stubborn]);
    expect(code).toBe(4);
    const pid = Number(/^client: (\d+)$/m.exec(stderr)?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test.each([
    [['--', 'no-such-command-of-ours'], /cannot start the command "no-such-command-of-ours": /],
    [
      ['tcp://127.0.0.1:7004'],
      /invalid command "tcp:\/\/127\.0\.0\.1:7004": to listen there, write --listen tcp:/,
    ],
    [['--paths', 'ack,nonsense'], /option paths: expected ack, .*, not "nonsense"/],
    [['--listen', 'http://127.0.0.1:0'], /invalid endpoint .*: the scheme is http/],
    [['--connect-timeout', '5'], /--connect-timeout is "5"; allowed: .* it has no unit/],
    [['--max-reconnects', '0'], /--max-reconnects is "0"; allowed: 1 to 1000/],
    [['--tls-cert', 'cert.pem'], /--tls-cert and --tls-key require each other/],
    [['--junit', '/no/such/folder/r.xml'], /cannot write \/no\/such\/folder\/r\.xml: ENOENT/],
  ])('rejects invalid arguments: %j, exit 2', async (args, problem) => {
    const { code, stdout, stderr } = await ixgate(['conform-client', ...args]);
    expect(stderr).toMatch(problem);
    expect(stdout === '' || stdout.startsWith('listening on ')).toBe(true);
    expect(code).toBe(2);
  });

  test('reports that its port is taken, exit 5', async () => {
    await using first = new Command(['conform-client', '--json']);
    const { endpoint } = await first.event('listening');
    const { code, stderr } = await ixgate(['conform-client', '--listen', String(endpoint)]);
    expect(stderr).toContain(`cannot listen on ${endpoint}: the port is taken.`);
    expect(code).toBe(5);
  });
});
