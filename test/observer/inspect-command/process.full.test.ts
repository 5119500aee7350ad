import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ixgate, program, Running } from '../../cli/ixgate.js';
import { temporaryFolder } from '../../support/folder.js';
import { labLog, wrongAnswer } from './lab-log.js';

describe('ixgate analyze as a process', () => {
  test('reads standard input, and ends with the code it was asked for', async () => {
    const clean = await ixgate(['analyze', '-', '--json', '--strict'], { input: labLog });
    expect({ code: clean.code, stderr: clean.stderr }).toEqual({ code: 0, stderr: '' });
    expect(
      clean.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).client),
    ).toEqual(['kiosk-9', 'desk-1', undefined]);
    expect((await ixgate(['analyze', '-', '--strict'], { input: labLog + wrongAnswer })).code).toBe(
      1,
    );
    expect(
      await ixgate(['analyze', '-', '--record', 'x', '--client', 'x'], { input: labLog }),
    ).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'ixgate: --record with a filter reads the logs twice, and standard input can be read only once; save it to a file first\n',
    });
  });

  test('ends quietly when its output is closed', async () => {
    await using folder = await temporaryFolder();
    const [header = ''] = labLog.split('\n\n');
    const one = wrongAnswer.repeat(20_000);
    await writeFile(join(folder.path, 'long.log'), `${header}\n\n${one}`);
    const child = spawn(process.execPath, [program, 'analyze', 'long.log', '--findings'], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('follows a file that grows until Ctrl-C, and tells what is still open then', async () => {
    await using folder = await temporaryFolder();
    const [before = '', last = ''] = labLog.split(/(?=08:01:00)/);
    const path = join(folder.path, 'ixn.log');
    await writeFile(path, before);
    await using running = new Running(['analyze', path, '--follow']);
    expect(await running.line()).toMatch(/^start /);
    expect(await running.line()).toContain('  kiosk-9  ');
    // A message is over when the next line begins.
    const more = `${wrongAnswer.split(/(?=08:02:01)/)[0]}08:02:00.500 Std 05061 Something else\n`;
    await appendFile(path, last + more);
    expect(await running.line()).toContain('  desk-1  ');
    expect(await running.line()).toMatch(/ixn\.log:33 {2}wrong-reference-id /);
    running.child.kill('SIGINT');
    expect(await running.ended).toBe(0);
    expect(running.stdout).toMatch(/ odd .* still open /);
    expect(running.stdout).toContain('3 sessions, 1 finding, ');
    expect(running.stderr).toBe('');
  });

  test('opens the page on what it recorded until Ctrl-C, and leaves nothing behind', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'ixn.log'), labLog);
    const env = { TMPDIR: folder.path };
    await using running = new Running(['analyze', 'ixn.log', '--open', '--client', 'desk-1'], {
      cwd: folder.path,
      env,
    });
    const [, url = ''] = /^watch (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(await running.line()) ?? [];
    const index = await fetch(`${url}recordings.json`).then((answer) => answer.json());
    expect(index).toMatchObject({ recordings: [{ name: 'analyzed.jsonl', sessions: 1 }] });
    running.child.kill('SIGINT');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toBe('');
    expect(await readdir(folder.path)).toEqual(['ixn.log']);
    expect(tmpdir()).not.toBe(folder.path);
  });
});
