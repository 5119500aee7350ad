import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gapMark, sessionsOf } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';
import { recordedIn } from '../support/recordings.js';
import { Command, ixgate, serving } from './in-process.js';
import { Running, serving as servingProcess } from './ixgate.js';

/** Registers, says nothing more and leaves. */
async function registers(port: number, clientName: string): Promise<unknown> {
  await using client = await lineClient(port);
  const answer = await client.ask(registerRequest({ clientName }));
  client.socket.end();
  await client.ended;
  return answer;
}

const acknowledged = { messageName: 'EventAck', referenceId: 1 };

describe('ixgate serve --record', () => {
  test('writes every step of every session to files that only their owner reads, and says where', async () => {
    await using above = await temporaryFolder();
    const folder = join(above.path, 'records');
    await using gate = await serving(['--record', folder]);
    expect(JSON.parse(gate.stdout)).toMatchObject({ event: 'listening', record: folder });
    expect(await registers(gate.port, 'desk-1')).toEqual(acknowledged);
    await using unregistered = await lineClient(gate.port);
    await unregistered.ask({
      messageName: 'RequestAgentLogin',
      referenceId: 1,
      password: 'secret',
    });
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    const [name = ''] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, name), 'utf8')).not.toContain('secret');
    const { files, steps, problems, gaps } = await recordedIn(folder);
    expect([files.length, files[0]?.torn, problems, gaps]).toEqual([1, false, [], []]);
    const sessions = [...sessionsOf(steps).values()].map(({ summary }) => summary);
    expect(sessions).toMatchObject([
      { clientName: 'desk-1', verdict: 'registered', reason: 'peer-closed' },
      { clientName: null, verdict: 'spoke-first', reason: 'drained' },
    ]);
  });

  test('writes what the page and the report open', async () => {
    await using folder = await temporaryFolder();
    await using gate = await serving(['--record', 'records'], { cwd: folder.path });
    await registers(gate.port, 'desk-1');
    await gate.event('disconnected');
    gate.kill('SIGTERM');
    await gate.ended;
    const [name = ''] = await readdir(join(folder.path, 'records'));
    const file = `records/${name}`;
    const report = await ixgate(['report', file, '--out', 'one.html'], { cwd: folder.path });
    expect(report).toMatchObject({ code: 0, stderr: '' });
    expect(report.stdout).toMatch(/: registered.*\nwritten to one\.html\n$/);
    await using viz = new Command(['viz', join(folder.path, file), '--json']);
    const { url, torn, missing } = await viz.event('listening');
    expect([torn, missing]).toEqual([[], 0]);
    const index = await fetch(`${url}recordings.json`).then((answer) => answer.json());
    expect(index.recordings).toMatchObject([{ name, sessions: 1 }]);
  });

  test('with --record-sync always: acknowledged registrations are in the recording', async () => {
    await using above = await temporaryFolder();
    const folder = join(above.path, 'records');
    await using gate = await serving(['--record', folder, '--record-sync', 'always']);
    for (const clientName of ['desk-1', 'desk-2', 'desk-3']) {
      await using client = await lineClient(gate.port);
      expect(await client.ask(registerRequest({ clientName }))).toEqual(acknowledged);
      const sessions = [...sessionsOf((await recordedIn(folder)).steps).values()];
      expect(sessions.at(-1)?.summary).toMatchObject({ clientName, verdict: 'registered' });
    }
  });

  test('tells people where it records', async () => {
    await using above = await temporaryFolder();
    const folder = join(above.path, 'records');
    const args = ['--listen', 'tcp://127.0.0.1:0', '--admin', 'off', '--log-format', 'pretty'];
    await using running = new Command(['serve', ...args, '--record', folder]);
    const lines: string[] = [];
    while (!lines.at(-1)?.includes('register')) lines.push(await running.line());
    expect(lines).toContain(`  record   ${folder}  (sync 1s)`);
  });

  test('that cannot be written: the gate prints one line and does not listen', async () => {
    await using above = await temporaryFolder();
    await writeFile(join(above.path, 'file'), '');
    const wrong = [
      ['file', 'it is not a folder. Choose a folder or an unused name'],
      ['no/such', 'the parent folder does not exist. Create it first'],
    ];
    for (const [folder = '', reason] of wrong) {
      const path = join(above.path, folder);
      const args = ['serve', '--listen', 'tcp://127.0.0.1:0', '--admin', 'off', '--record', path];
      expect(await ixgate(args)).toEqual({
        code: 2,
        stdout: '',
        stderr: `ixgate: recording in ${path}: it cannot be written: ${reason}\n`,
      });
    }
  });

  test('continues when the disk fails, reports failure and recovery once each, and loses nothing', async () => {
    await using above = await temporaryFolder();
    const folder = join(above.path, 'records');
    // No file may grow beyond some kilobytes: the system refuses in the middle of a write, as a full disk does.
    await using gate = await servingProcess(['--record', folder], { ulimit: '-f 16' });
    let count = 0;
    const isTold = (event: string) => gate.stdout.includes(`"event":"${event}"`);
    while (!isTold('problem')) {
      count += 1;
      expect(await registers(gate.port, `desk-${count}`)).toEqual(acknowledged);
    }
    const problem = await gate.event('problem');
    expect(problem).toMatchObject({ level: 'error', code: 'RECORD_FAILED' });
    expect(problem.msg).toBe(
      `recording in ${folder}: it cannot be written: the file exceeds the size limit of the system (ulimit -f). Raise that limit, or choose a smaller maximum size. The gate goes on; a new file is tried every 3 s`,
    );
    count += 1;
    expect(await registers(gate.port, `desk-${count}`)).toEqual(acknowledged);
    expect(await gate.event('recording-resumed')).toMatchObject({ dropped: 0 });
    gate.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stdout.match(/"event":"problem"/g)).toHaveLength(1);
    const { files, steps, problems, gaps } = await recordedIn(folder);
    expect([problems, gaps]).toEqual([[], []]);
    expect(files.length).toBeGreaterThan(1);
    const sessions = [...sessionsOf(steps).values()].map(({ summary }) => summary);
    expect(sessions.map(({ clientName }) => clientName).sort()).toEqual(
      Array.from({ length: count }, (_, index) => `desk-${index + 1}`).sort(),
    );
    for (const { reason, verdict } of sessions) {
      expect([reason, verdict]).toEqual(['peer-closed', 'registered']);
    }
  });
});

describe('A recording in which steps are missing', () => {
  test('is opened, and the report and the page say what is missing', async () => {
    await using folder = await temporaryFolder();
    await using gate = await serving(['--record', 'records'], { cwd: folder.path });
    await registers(gate.port, 'desk-1');
    await gate.event('disconnected');
    gate.kill('SIGTERM');
    await gate.ended;
    const [name = ''] = await readdir(join(folder.path, 'records'));
    const text = await readFile(join(folder.path, 'records', name), 'utf8');
    const [first, , ...rest] = text.trimEnd().split('\n');
    const damaged = [first, gapMark({ steps: 1, at: Date.now() }), ...rest].join('\n');
    await writeFile(join(folder.path, 'x.jsonl'), damaged.slice(0, -20));
    const words = [
      'x.jsonl: One step is missing: the writer of the recording could not write it',
      'x.jsonl: the last line is cut off; it is left out',
    ];
    const report = await ixgate(['report', 'x.jsonl'], { cwd: folder.path });
    expect(report).toMatchObject({ code: 0, stderr: '' });
    expect(report.stdout.split('\n').slice(0, 2)).toEqual(words);
    const json = await ixgate(['report', 'x.jsonl', '--out', 'x.html', '--json'], {
      cwd: folder.path,
    });
    expect(JSON.parse(json.stdout)).toMatchObject({ torn: true, missing: 1 });
    await using viz = new Running(['viz', 'x.jsonl'], { cwd: folder.path });
    expect([await viz.line(), await viz.line()]).toEqual(words);
    expect(await viz.line()).toMatch(/^watch http:/);
  });
});
