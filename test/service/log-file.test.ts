import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogFileError } from '../../adapters/service/log-output/errors.js';
import { LogFile, type LogFileOptions } from '../../adapters/service/log-output/log-file.js';
import { temporaryFolder } from '../support/folder.js';
import { problemOfLine } from '../support/log-schema.js';

type Line = Record<string, unknown>;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let problems: LogFileError[];
let open: LogFile[];

beforeEach(async () => {
  // The system's clock and its timers; files are real.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
  folder = await temporaryFolder();
  path = join(folder.path, 'logs', 'gate.log');
  await mkdir(dirname(path));
  problems = [];
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((file) => file.close()));
  await folder[Symbol.asyncDispose]();
  vi.useRealTimers();
});

async function opened(changes: Partial<LogFileOptions> = {}): Promise<LogFile> {
  const file = await LogFile.open({
    path,
    mode: 0o640,
    isDurable: false,
    rotation: { size: 1_000_000, age: null, keep: 3 },
    onProblem: (error) => problems.push(error),
    ...changes,
  });
  open.push(file);
  return file;
}

const lineOf = (msg: string) => `${JSON.stringify({ event: 'stopped', msg })}\n`;
const textIn = (name: string) => readFile(name, 'utf8').catch(() => '');
const linesIn = async (name = path) =>
  (await textIn(name))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const messages = async (name = path) => (await linesIn(name)).map(({ msg }) => msg);
/** Rotated files, the oldest first. */
const rotated = async () =>
  (await readdir(dirname(path)))
    .filter((name) => name !== 'gate.log')
    .sort()
    .map((name) => join(dirname(path), name));
/** The next check of the file. */
const check = () => vi.advanceTimersByTime(5_000);

describe('a log file', () => {
  test('begins with the versions of schema and gate, at each start and in each file', async () => {
    const first = await opened();
    first.write(lineOf('one'));
    first.write(lineOf('two'));
    await first.close();
    const second = await opened();
    second.write(lineOf('three'));
    await second.reopen();
    second.write(lineOf('four'));
    await second.close();
    const versions = { logSchema: 1, version: expect.stringMatching(/^\d+\.\d+\.\d+/) };
    const [before = ''] = await rotated();
    expect(await linesIn(before)).toEqual([
      { ...versions, event: 'stopped', msg: 'one' },
      { event: 'stopped', msg: 'two' },
      { ...versions, event: 'stopped', msg: 'three' },
    ]);
    expect(await linesIn()).toMatchObject([
      { ...versions, event: 'log-rotated', rotated: before, reason: 'SIGUSR2' },
      { msg: 'four' },
    ]);
    const [start = ''] = (await textIn(path)).split('\n');
    expect(problemOfLine(start)).toBe(null);
  });

  test('may be read by its group, but not by others; rotated files too', async () => {
    const umask = process.umask(0o022);
    const file = await opened();
    await file.reopen();
    process.umask(umask);
    for (const name of [path, ...(await rotated())]) {
      expect((await stat(name)).mode & 0o777).toBe(0o640);
    }
  });

  test('gets a line end first when a crash has cut off its last line', async () => {
    await writeFile(path, '{"event":"registered","se');
    const file = await opened();
    file.write(lineOf('after the crash'));
    await file.close();
    const [, next = ''] = (await textIn(path)).split('\n');
    expect(JSON.parse(next)).toMatchObject({ msg: 'after the crash' });
  });

  test.each([
    ['a missing folder', 'absent/gate.log', 'the folder does not exist. Create it first'],
    ['a folder', 'logs', 'it is a folder. Add a file name'],
    ['a file as its folder', 'file/gate.log', 'its folder is a file. Choose another folder'],
  ])('is refused at the start: %s', async (_what, name, problem) => {
    await writeFile(join(folder.path, 'file'), '');
    const wrong = join(folder.path, name);
    await expect(opened({ path: wrong })).rejects.toMatchObject({
      code: 'LOG_FAILED',
      message: `log file ${wrong}: it cannot be opened: ${problem}`,
    });
  });

  test('is refused at the start: a device', async () => {
    await expect(opened({ path: '/dev/null' })).rejects.toMatchObject({
      message:
        'log file /dev/null: it cannot be opened: it is not a regular file. Choose another name',
    });
  });
});

describe('rotation', () => {
  test('by size: no line is lost or split, and the newest files are kept', async () => {
    const file = await opened({ rotation: { size: 2_000, age: null, keep: 3 } });
    let count = 0;
    for (let round = 0; round < 6; round += 1) {
      const [before] = await linesIn();
      for (let n = 0; n < 60; n += 1) {
        count += 1;
        file.write(lineOf(`line ${count}`));
      }
      await expect.poll(async () => (await linesIn())[0]?.rotated).not.toBe(before?.rotated);
    }
    await file.close();
    const files = await rotated();
    expect(files).toHaveLength(3);
    expect(problems).toEqual([]);
    const kept = (await Promise.all([...files, path].map((name) => messages(name)))).flat();
    const numbers = kept.filter((msg) => /^line \d+$/.test(String(msg)));
    const first = count - numbers.length + 1;
    expect(first).toBeGreaterThan(1);
    expect(numbers).toEqual(numbers.map((_, at) => `line ${first + at}`));
    const [begin] = await linesIn();
    expect(begin).toMatchObject({ event: 'log-rotated', reason: 'size', rotated: files.at(-1) });
  });

  test('by age: the next line begins a new file, also when the file is of an earlier start', async () => {
    const day = 86_400_000;
    const rotation = { size: 1_000_000, age: day, keep: 3 };
    const before = await opened({ rotation });
    before.write(lineOf('yesterday'));
    await before.close();
    // The file was created by the clock of the system, some time after the simulated clock had stopped.
    vi.advanceTimersByTime(day + 60_000);
    const file = await opened({ rotation });
    file.write(lineOf('it is old'));
    await expect.poll(messages).toEqual([expect.stringContaining('(age)')]);
    file.write(lineOf('today'));
    // The wait above advances the clock a little.
    vi.advanceTimersByTime(day - 1_000);
    file.write(lineOf('still today'));
    await file.close();
    expect(await rotated()).toHaveLength(1);
    expect((await messages()).slice(1)).toEqual(['today', 'still today']);
  });

  test('removes rotated files of this log only', async () => {
    const others = ['gate.log.1', 'gate.log.gz', 'other.log', 'gate.2026-11-29.log'];
    for (const name of others) await writeFile(join(dirname(path), name), '');
    const file = await opened({ rotation: { size: 1_000_000, age: null, keep: 1 } });
    for (let n = 0; n < 3; n += 1) {
      vi.advanceTimersByTime(1);
      await file.reopen();
    }
    const names = await readdir(dirname(path));
    expect(names.filter((name) => others.includes(name))).toHaveLength(4);
    expect(names).toHaveLength(4 + 2);
  });

  test('never replaces a file: two in one millisecond have different names', async () => {
    const file = await opened();
    for (let n = 0; n < 3; n += 1) {
      file.write(lineOf(`file ${n}`));
      await file.reopen();
    }
    const files = await rotated();
    expect(files).toHaveLength(3);
    expect((await Promise.all(files.map(messages))).flat()).toEqual(
      expect.arrayContaining(['file 0', 'file 1', 'file 2']),
    );
  });

  test('that fails leaves the old file in use, is reported once, and is tried again', async () => {
    const rotation = { size: 500, age: null, keep: 3 };
    const file = await opened({ rotation });
    // The name is a folder now, which cannot be created as a file; the open file has another name.
    await rename(path, `${path}.aside`);
    await mkdir(path);
    for (let n = 1; n <= 50; n += 1) file.write(lineOf(`line ${n}`));
    await expect.poll(() => problems.length).toBe(1);
    expect(problems[0]?.message).toBe(
      `log file ${path}: it is missing and cannot be created: it is a folder. Add a file name. Meanwhile lines go to the moved file. The gate goes on`,
    );
    file.write(lineOf('meanwhile'));
    await expect.poll(() => messages(`${path}.aside`)).toContain('meanwhile');
    await rm(path, { recursive: true });
    check();
    check();
    await expect.poll(messages).toEqual([expect.stringContaining('the one before was moved')]);
    file.write(lineOf('again'));
    await expect.poll(messages).toContain('again');
    expect(problems).toHaveLength(1);
  });
});

describe('SIGUSR2', () => {
  test('creates a file that logrotate has moved away; nothing is lost', async () => {
    const file = await opened();
    file.write(lineOf('before'));
    await rename(path, `${path}.1`);
    file.write(lineOf('meanwhile'));
    await file.reopen();
    file.write(lineOf('after'));
    await file.close();
    expect(await messages(`${path}.1`)).toEqual(['before', 'meanwhile']);
    expect(await linesIn()).toMatchObject([
      { event: 'log-reopened', reason: 'SIGUSR2' },
      { msg: 'after' },
    ]);
  });

  test('takes a file that logrotate has created, with its mode', async () => {
    const file = await opened();
    file.write(lineOf('before'));
    await rename(path, `${path}.1`);
    await writeFile(path, '', { mode: 0o600 });
    await file.reopen();
    expect((await linesIn()).map(({ event }) => event)).toEqual(['log-reopened']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await rotated()).toEqual([`${path}.1`]);
  });

  test('after a check that has already created the file does not rotate the new one', async () => {
    const file = await opened();
    file.write(lineOf('before'));
    await rename(path, `${path}.1`);
    check();
    await expect.poll(() => textIn(`${path}.1`)).toContain('before');
    check();
    await expect
      .poll(async () => (await linesIn()).map(({ reason }) => reason))
      .toEqual(['missing']);
    await file.reopen();
    expect(await rotated()).toEqual([`${path}.1`]);
    vi.advanceTimersByTime(60_000);
    await file.reopen();
    expect(await rotated()).toHaveLength(2);
  });

  test('does not rotate a file that only grows', async () => {
    const file = await opened({ rotation: null });
    file.write(lineOf('one'));
    await file.reopen();
    file.write(lineOf('two'));
    await file.close();
    expect(await messages()).toEqual(['one', 'two']);
    expect(await rotated()).toEqual([]);
  });
});

describe('a file that was removed', () => {
  test('is created again at the next check, and the lost lines are counted', async () => {
    const file = await opened();
    file.write(lineOf('removed'));
    await expect.poll(messages).toEqual(['removed']);
    await rm(path);
    file.write(lineOf('lost'));
    check();
    await expect.poll(linesIn).toMatchObject([
      { event: 'log-reopened', reason: 'missing' },
      { event: 'lines-dropped', dropped: 2 },
    ]);
    file.write(lineOf('after'));
    await expect.poll(messages).toContain('after');
    expect(problems).toEqual([]);
  });

  test('with its folder: one problem, the lines are counted, and logging resumes with the folder', async () => {
    const file = await opened();
    await rm(dirname(path), { recursive: true });
    check();
    await expect.poll(() => problems.length).toBe(1);
    expect(problems[0]?.message).toBe(
      `log file ${path}: it is missing and cannot be created: the folder does not exist. Create it first. Meanwhile lines are dropped. The gate goes on`,
    );
    for (let n = 0; n < 7; n += 1) file.write(lineOf('lost'));
    check();
    await file.reopen();
    await mkdir(dirname(path));
    check();
    await expect
      .poll(linesIn)
      .toMatchObject([
        { event: 'log-reopened' },
        { event: 'lines-dropped', level: 'warn', dropped: 7 },
      ]);
    file.write(lineOf('after'));
    await expect.poll(messages).toContain('after');
    expect(problems).toHaveLength(1);
    // A later problem is reported again.
    await rm(dirname(path), { recursive: true });
    check();
    await expect.poll(() => problems.length).toBe(2);
  });
});
