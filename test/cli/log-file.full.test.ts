import { chmod, chown, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { problemOfLine } from '../support/log-schema.js';
import { ixgate, serving } from './in-process.js';
import { type Line, Running, serving as servingProcess } from './ixgate.js';

const textIn = (path: string) => readFile(path, 'utf8').catch(() => '');

/** The lines of a file; each must be of the schema. */
async function linesIn(path: string): Promise<Line[]> {
  const lines = (await textIn(path)).split('\n').slice(0, -1);
  expect(lines.map(problemOfLine).filter((problem) => problem !== null)).toEqual([]);
  return lines.map((line) => JSON.parse(line) as Line);
}

const eventsIn = async (path: string) => (await linesIn(path)).map(({ event }) => event);

async function registers(port: number, clientName = 'desk-1'): Promise<void> {
  await using client = await lineClient(port);
  expect(await client.ask(registerRequest({ clientName }))).toMatchObject({
    messageName: 'EventAck',
  });
}

describe('--log-file', () => {
  test('has the log as JSON; stdout has the start message only', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.log');
    await using gate = await servingProcess(['--log-file', path]);
    await registers(gate.port);
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stderr).toBe('');
    const [start = '', ...rest] = gate.stdout.trimEnd().split('\n');
    expect([JSON.parse(start).event, rest]).toEqual(['listening', []]);
    const lines = await linesIn(path);
    expect(lines.map(({ event }) => event)).toEqual([
      'listening',
      'registered',
      'disconnected',
      'draining',
      'stopped',
    ]);
    expect(lines[0]).toMatchObject({ logSchema: 1, version: expect.any(String) });
  });

  test('is JSON for people, too, who see the start message as text', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.log');
    await using gate = new Running([
      'serve',
      '--listen',
      'tcp://127.0.0.1:0',
      '--admin',
      'off',
      '--log-format',
      'pretty',
      '--log-file',
      path,
    ]);
    expect(await gate.line()).toMatch(/^ixgate \d/);
    await expect.poll(() => eventsIn(path)).toEqual(['listening']);
    gate.kill('SIGINT');
    expect(await gate.ended).toBe(0);
    expect(gate.stdout).not.toContain('draining');
    expect(await eventsIn(path)).toEqual(['listening', 'draining', 'stopped']);
  });

  test('is written by the primary process for all workers, and continues after a restart', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.log');
    for (let start = 0; start < 2; start += 1) {
      await using gate = await servingProcess(['--log-file', path, '--workers', '2']);
      for (let n = 0; n < 6; n += 1) await registers(gate.port);
      gate.kill('SIGTERM');
      expect(await gate.ended).toBe(0);
    }
    const lines = await linesIn(path);
    expect(lines.filter(({ event }) => event === 'registered')).toHaveLength(12);
    expect(lines.filter(({ logSchema }) => logSchema === 1).map(({ event }) => event)).toEqual([
      'listening',
      'listening',
    ]);
  });

  test('is rotated by size under load; analyze reads all its files as one log', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.log');
    const args = ['--log-file', path, '--log-size', '64KiB', '--log-keep', '20'];
    await using gate = await servingProcess([...args, '--registration-rate', '100000:100000']);
    const names = Array.from({ length: 400 }, (_, at) => `desk-${at}`);
    for (const name of names) await registers(gate.port, name);
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    const files = (await readdir(folder.path)).map((name) => join(folder.path, name));
    expect(files.length).toBeGreaterThan(2);
    const lines = (await Promise.all(files.map(linesIn))).flat();
    const registered = lines.filter(({ event }) => event === 'registered');
    expect(registered.map(({ clientName }) => clientName).sort()).toEqual(names.sort());
    for (const file of files) {
      const [first] = await linesIn(file);
      expect(first).toMatchObject({ logSchema: 1 });
    }
    const analyzed = await ixgate(['analyze', folder.path, '--json']);
    expect(analyzed).toMatchObject({ code: 0, stderr: '' });
    const [end = '', ...sessions] = analyzed.stdout.trimEnd().split('\n').reverse();
    expect(JSON.parse(end)).toMatchObject({ type: 'end', sessions: 400, findings: 0, damaged: 0 });
    for (const session of sessions) {
      expect(JSON.parse(session)).toMatchObject({ verdict: 'registered' });
    }
  });

  test('goes on when the disk is full, reports that once on stderr, and counts what is missing', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.log');
    // The system refuses to write beyond 16 blocks, in the middle of a line, as a full disk does.
    await using gate = await servingProcess(['--log-file', path], { ulimit: '-f 16' });
    let count = 0;
    while (!gate.stderr.includes('\n')) {
      count += 1;
      await registers(gate.port, `desk-${count}`);
    }
    expect(JSON.parse(gate.stderr)).toEqual({
      error: {
        code: 'LOG_FAILED',
        message: `log file ${path}: it cannot be written: the file exceeds the size limit of the system (ulimit -f). Raise that limit, or choose a smaller --log-size. Up to 1 MiB of lines wait, further lines are dropped. The gate goes on`,
      },
    });
    for (let n = 0; n < 20; n += 1) await registers(gate.port, 'waits');
    // The operator moves the file away. The backlog cannot be added to it.
    await rename(path, `${path}.1`);
    gate.kill('SIGUSR2');
    await expect.poll(() => eventsIn(path)).toEqual(['log-reopened', 'lines-dropped']);
    await registers(gate.port, 'after');
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stderr.trimEnd().split('\n')).toHaveLength(1);
    const lines = await linesIn(path);
    const [, dropped] = lines;
    expect(Number(dropped?.dropped)).toBeGreaterThanOrEqual(40);
    expect(lines.map(({ clientName }) => clientName)).toContain('after');
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot('goes on when the permission is lost, and rotates when it is back', async () => {
    await using folder = await temporaryFolder();
    const logs = join(folder.path, 'logs');
    const path = join(logs, 'gate.log');
    await chmod(folder.path, 0o755);
    await mkdir(logs);
    const unprivileged = 65_534;
    await chown(logs, unprivileged, unprivileged);
    await using gate = await servingProcess(['--log-file', path], {
      // The user of the gate is not root, who may do everything.
      env: {
        NODE_OPTIONS: `--import=data:text/javascript,process.setgid(${unprivileged});process.setuid(${unprivileged})`,
      },
    });
    await chmod(logs, 0o555);
    gate.kill('SIGUSR2');
    await expect
      .poll(() => gate.stderr)
      .toContain(
        `log file ${path}: it cannot be rotated: permission denied. Choose a writable folder. The gate goes on`,
      );
    await registers(gate.port, 'meanwhile');
    await expect.poll(() => textIn(path)).toContain('meanwhile');
    await chmod(logs, 0o755);
    gate.kill('SIGUSR2');
    await expect.poll(() => eventsIn(path)).toEqual(['log-rotated']);
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('--audit-file', () => {
  test('has what operators did, and who, at any log level; it is for its owner only', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'audit.log');
    const token = 'a-token-of-some-length';
    await writeFile(join(folder.path, 'ixgate.config.yaml'), 'drain: 1s\n');
    const args = ['--audit-file', path, '--log-level', 'silent', '--admin', 'http://127.0.0.1:0'];
    await using gate = await serving([...args, '--admin-token', token], { cwd: folder.path });
    await registers(gate.port);
    const signIn = (given: string, page: 'sign-in' | 'sign-out' = 'sign-in') =>
      fetch(`${gate.admin}/${page}`, {
        method: 'POST',
        headers: { origin: gate.admin, 'ixgate-token': given },
      }).then(({ status }) => status);
    expect(await signIn(token)).toBe(204);
    expect(await signIn('another-token-of-some-length')).toBe(401);
    expect(await signIn('', 'sign-out')).toBe(204);
    await writeFile(join(folder.path, 'ixgate.config.yaml'), 'drain: 2s\n');
    gate.kill('SIGHUP');
    await gate.event('reloaded');
    gate.kill('SIGUSR1');
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    const lines = await linesIn(path);
    const token1 = { via: 'token', remoteAddress: '127.0.0.1' };
    const expected = [
      { event: 'listening' },
      { event: 'signed-in', by: token1 },
      { event: 'sign-in-failed', by: token1, level: 'warn' },
      { event: 'signed-out', by: token1 },
      { event: 'reloaded', changed: { drain: { from: '1s', to: '2s' } } },
      { event: 'signal-ignored', by: { via: 'signal', signal: 'SIGUSR1' } },
      { event: 'draining', by: { via: 'signal', signal: 'SIGTERM' } },
      { event: 'stopped' },
    ];
    for (const [at, line] of expected.entries()) {
      const found = lines.filter(({ event }) => event === line.event);
      expect(found[0], `line ${at}`).toMatchObject({ ...line, audit: true });
    }
    expect(lines.every(({ audit }) => audit === true)).toBe(true);
    expect(lines.map(({ event }) => event)).not.toContain('registered');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await textIn(path)).not.toContain('token-of-some-length');
    // The log has the same lines.
    expect(
      gate.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).event),
    ).toEqual(lines.map(({ event }) => event));
  });

  test('is complete after kill -9', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'audit.log');
    await using gate = await servingProcess(['--audit-file', path]);
    gate.kill('SIGHUP');
    await gate.event('reloaded');
    gate.kill('SIGKILL');
    await gate.ended;
    expect(await eventsIn(path)).toEqual(['listening', 'reloaded']);
  });

  test('is created again at SIGUSR2 when it was moved, and never rotated', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'audit.log');
    await using gate = await servingProcess(['--audit-file', path]);
    gate.kill('SIGUSR2');
    gate.kill('SIGHUP');
    await gate.event('reloaded');
    await rename(path, `${path}.1`);
    gate.kill('SIGUSR2');
    await expect.poll(() => eventsIn(path)).toEqual(['log-reopened']);
    expect(await eventsIn(`${path}.1`)).toEqual(['listening', 'reloaded']);
    expect(await readdir(folder.path)).toHaveLength(2);
  });

  test('ten thousand wrong tokens leave twenty lines', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'audit.log');
    const args = ['--audit-file', path, '--admin', 'http://127.0.0.1:0'];
    await using gate = await serving([...args, '--admin-token', 'a-token-of-some-length']);
    const headers = { origin: gate.admin, 'ixgate-token': 'wrong' };
    for (let n = 0; n < 60; n += 1) {
      await fetch(`${gate.admin}/sign-in`, { method: 'POST', headers });
    }
    gate.kill('SIGTERM');
    await gate.ended;
    const lines = await linesIn(path);
    expect(lines.filter(({ event }) => event === 'sign-in-failed')).toHaveLength(20);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'suppressed', of: 'sign-in-failed', suppressed: 40 }),
    );
  });
});

describe('bad input', () => {
  test.each([
    [
      ['--log-file', 'absent/gate.log'],
      /^ixgate: log file .*absent\/gate\.log: it cannot be opened: the folder does not exist\. Create it first\n$/,
    ],
    [['--log-file', '.'], /: it cannot be opened: it is a folder\. Add a file name\n$/],
    [['--audit-file', 'absent/a.log'], /: it cannot be opened: the folder does not exist/],
    [
      ['--log-size', '1MiB'],
      /^ixgate: --log-size: logSize needs logFile, or there is no file to rotate \(--log-file FILE\)\n$/,
    ],
    [['--log-age', '1d'], /^ixgate: --log-age: logAge needs logFile/],
    [['--log-keep', '3'], /^ixgate: --log-keep: logKeep needs logFile/],
    [
      ['--log-file', 'gate.log', '--log-size', '1KiB'],
      /logSize is "1KiB"; allowed: 64KiB to 1048576MiB, written like 512B, 64KiB or 1MiB\n$/,
    ],
    [['--log-file', 'gate.log', '--log-age', '1s'], /logAge is "1s"; allowed: 1m to 366d/],
    [
      ['--log-file', 'gate.log', '--log-keep', '0'],
      /logKeep is "0"; allowed: a whole number from 1/,
    ],
    [
      ['--log-file', 'gate.log', '--audit-file', './gate.log'],
      /auditFile is the same file as logFile; choose another file\n$/,
    ],
  ])('%j is refused with 2, and no file is left', async (args, message) => {
    await using folder = await temporaryFolder();
    const listen = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'off'];
    const ran = await ixgate(['serve', ...listen, ...args], { cwd: folder.path });
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(await readdir(folder.path)).toEqual([]);
  });
});
