import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { ok } from '../../adapters/doctor/check.js';
import { checks, runChecks } from '../../adapters/doctor/index.js';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { diagnosed } from './diagnosed.js';

describe('ixgate doctor', () => {
  it('tells the result of every check that applies, a line each, with the fix below', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'gate.yaml'), 'logLevel: silent\nadmin: off\n');
    const args = ['doctor', '--config', join(folder.path, 'gate.yaml')];
    const { code, stdout } = await ixgate([...args, '--listen', 'tcp://127.0.0.1:0']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ ok {3}Configuration +valid: .*gate\.yaml$/m);
    expect(stdout).toMatch(
      /^warn {2}Settings together +--log-level silent: .*\n +fix: use --log-level warn$/m,
    );
    expect(stdout).toMatch(/\n\n\d+ ok, \d+ warnings?, 0 failed\n$/);
  });

  it('has exit code 0 with warnings, 6 with --strict, and 6 for a fail', async () => {
    expect((await diagnosed(['--log-level', 'silent'])).code).toBe(0);
    expect(await diagnosed(['--log-level', 'silent', '--strict'])).toMatchObject({
      code: 6,
      verdict: 'warn',
    });
    expect(await diagnosed(['--clients', '/nowhere.yaml'])).toMatchObject({
      code: 6,
      verdict: 'fail',
    });
  });

  it('finds all problems of a configuration, and goes on with the other checks', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'gate.yaml');
    await writeFile(file, 'drain: soon\nmaxFrames: 1KiB\nlogLevel: silent\ncliants: a.json\n');
    const env = { IXGATE_WORKERS: '99', IXGATE_LISTENN: 'tcp://127.0.0.1:1' };
    const found = await diagnosed(['--config', file, '--certificate-name'], { env });
    expect(found.code).toBe(6);
    expect(found.of('configuration').map(({ severity, text }) => [severity, text])).toEqual([
      ['fail', 'unknown variable IXGATE_LISTENN. Did you mean IXGATE_LISTEN?'],
      ['fail', expect.stringContaining('IXGATE_WORKERS: workers is "99"')],
      ['fail', expect.stringContaining(`${file}:1: drain is "soon"`)],
      ['fail', expect.stringContaining(`${file}:2: unknown key maxFrames. Did you mean maxFrame?`)],
      ['fail', expect.stringContaining(`${file}:4: unknown key cliants. Did you mean clients?`)],
      ['fail', expect.stringContaining('--certificate-name: certificateName needs tlsCa')],
    ]);
    expect(found.of('settings')).toMatchObject([{ text: expect.stringContaining('silent') }]);
    expect(found.of('cores')).toHaveLength(1);
  });

  it('tells the version of ixgate and of installed packages', async () => {
    const found = await diagnosed();
    expect(found.of('packages')).toMatchObject([
      { severity: 'ok', text: expect.stringMatching(/^ixgate \d+\.\d+\.\d+, .*pino-pretty \d/) },
    ]);
  });

  it('is a usage error with an unknown option', async () => {
    const { code, stderr } = await ixgate(['doctor', '--strickt']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--strickt' (Did you mean --strict?)");
  });
});

describe('A check', () => {
  const signalOf = (signal: AbortSignal) => ({ signal });

  test('that throws has a warning, and the others go on', async () => {
    const found = await runChecks(
      [
        {
          id: 'broken',
          title: 'Broken',
          description: '',
          run: () => {
            throw new Error('it broke');
          },
        },
        { id: 'fine', title: 'Fine', description: '', run: () => [ok('fine')] },
      ],
      signalOf,
    );
    expect(found).toMatchObject([
      { check: 'broken', severity: 'warn', text: 'the check failed: it broke' },
      { check: 'fine', severity: 'ok' },
    ]);
  });

  test('that never ends has a warning; one that hears of the end may answer', async () => {
    const found = await runChecks(
      [
        { id: 'hangs', title: '', description: '', run: () => new Promise(() => {}) },
        {
          id: 'hears',
          title: '',
          description: '',
          run: ({ signal }: { signal: AbortSignal }) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', () => resolve([ok('aborted')]));
            }),
        },
      ],
      signalOf,
      1,
    );
    expect(found).toMatchObject([
      { check: 'hangs', severity: 'warn', text: 'no result within 1 ms' },
      { check: 'hears', text: 'aborted' },
    ]);
  });

  test('has a separate id', () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  });
});
