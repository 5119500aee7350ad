import { mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { writeProblem } from '../../adapters/recording/errors.js';
import {
  openRecorder,
  type Recorder,
  type RecorderOptions,
} from '../../adapters/recording/index.js';
import { recordingName } from '../../adapters/recording/names.js';
import {
  figures,
  parseRecording,
  playFigureOnChart,
  type StepRecord,
} from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { recordedIn } from '../support/recordings.js';

const [sample = never()] = playFigureOnChart(figures[0] ?? never()).steps;

function never(): never {
  throw new Error('there is none');
}

/** Steps 1 to `count` of a session. */
const stepsOf = (session: string, count: number): StepRecord[] =>
  Array.from({ length: count }, (_, index) => ({ ...sample, session, seq: index + 1 }));

const recorders: Recorder[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(recorders.splice(0).map((recorder) => recorder.close()));
});

/** A recorder in a new folder that is not there yet, with what it tells. */
async function recording(options: Partial<RecorderOptions> = {}) {
  const above = await temporaryFolder();
  const folder = join(above.path, 'records');
  const recorder = await openRecorder({ folder, retryDelay: 50, ...options });
  recorders.push(recorder);
  const told: string[] = [];
  recorder.on('problem', ({ code, message }) => told.push(`${code}: ${message}`));
  recorder.on('resumed', () => told.push('resumed'));
  const record = (steps: readonly StepRecord[]) => {
    for (const step of steps) recorder.record(step);
  };
  return {
    recorder,
    folder,
    told,
    record,
    async [Symbol.asyncDispose]() {
      await recorder.close();
      await above[Symbol.asyncDispose]();
    },
  };
}

/** The methods of an open file, to see how they are called or to let them fail. */
async function fileHandles(): Promise<{ datasync(): Promise<void>; write(): Promise<unknown> }> {
  const handle = await open(process.execPath);
  await handle.close();
  return Object.getPrototypeOf(handle);
}

const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

describe('A recorder', () => {
  test('writes each step as a line of a file that only its owner reads', async () => {
    await using it = await recording();
    it.record(stepsOf('a', 5));
    await it.recorder.flushed();
    const path = it.recorder.path ?? '';
    expect((await stat(it.folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(path.slice(it.folder.length + 1)).toMatch(
      new RegExp(
        `^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}Z-${process.pid}-0001\\.jsonl$`,
      ),
    );
    const text = await readFile(path, 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    expect(parseRecording(text)).toEqual({
      steps: stepsOf('a', 5),
      problems: [],
      gaps: [],
      torn: false,
    });
    expect(it.recorder.counts()).toEqual({ steps: 5, dropped: 0 });
  });

  test('writes what it was given before it is closed, and nothing after', async () => {
    await using it = await recording();
    it.record(stepsOf('a', 3));
    const closed = it.recorder.close();
    it.record(stepsOf('late', 1));
    await closed;
    expect((await recordedIn(it.folder)).steps).toEqual(stepsOf('a', 3));
    expect(it.recorder.canRecord).toBe(false);
    await expect(it.recorder.flushed()).rejects.toMatchObject({ code: 'RECORD_FAILED' });
  });

  test('names its node in the header of each file; a file with only a header is removed', async () => {
    await using it = await recording({ node: 'gate-1', maxSize: 1_024 });
    it.record(stepsOf('a', 6));
    await it.recorder.close();
    const { files } = await recordedIn(it.folder);
    expect(files.length).toBeGreaterThan(1);
    for (const { node, bytes, problems } of files) {
      expect({ node, problems }).toEqual({ node: 'gate-1', problems: [] });
      expect(bytes).toBeLessThanOrEqual(1_024);
    }
    expect(files.flatMap(({ steps }) => steps)).toEqual(stepsOf('a', 6));
    await using other = await recording({ node: 'gate-1' });
    await other.recorder.close();
    expect(await readdir(other.folder)).toEqual([]);
    await expect(openRecorder({ folder: other.folder, node: '' })).rejects.toThrow('node');
  });

  test('leaves no file behind when nothing happened', async () => {
    await using it = await recording();
    await it.recorder.close();
    expect(await readdir(it.folder)).toEqual([]);
  });

  test('never touches the files of an earlier run: it begins a new file', async () => {
    await using it = await recording();
    const torn = `${JSON.stringify(sample)}\n{"seq":2,"sess`;
    const earlier = '2026-01-01T00-00-00.000Z-1-0001.jsonl';
    await writeFile(join(it.folder, earlier), torn);
    it.record(stepsOf('b', 2));
    await it.recorder.close();
    expect(await readFile(join(it.folder, earlier), 'utf8')).toBe(torn);
    const { files } = await recordedIn(it.folder);
    expect(files.map(({ torn, steps }) => [torn, steps.length])).toEqual([
      [true, 1],
      [false, 2],
    ]);
  });

  test('begins a new file before one grows beyond its size, between whole lines', async () => {
    await using it = await recording({ maxSize: 4_096 });
    it.record(stepsOf('a', 100));
    await it.recorder.close();
    const { files, steps } = await recordedIn(it.folder);
    expect(steps).toEqual(stepsOf('a', 100));
    const size = JSON.stringify(stepsOf('a', 100)[99]).length + 1;
    expect(files.length).toBeGreaterThan(5);
    for (const { bytes, torn, name } of files.slice(0, -1)) {
      expect(bytes, name).toBeLessThanOrEqual(4_096);
      expect(bytes + size, name).toBeGreaterThan(4_096);
      expect(torn).toBe(false);
    }
  });

  test('gives a line that is longer than a file may be a file for itself', async () => {
    await using it = await recording({ maxSize: 1_024 });
    const payload = { messageName: 'Long', text: 'x'.repeat(5_000) };
    const long = { ...sample, session: 'long', payload };
    it.record([...stepsOf('a', 1), long, ...stepsOf('b', 1)]);
    await it.recorder.close();
    const { files } = await recordedIn(it.folder);
    expect(files.map(({ steps }) => steps.map(({ session }) => session))).toEqual([
      ['a'],
      ['long'],
      ['b'],
    ]);
  });

  test('finishes a file that is old enough, also when nothing more comes', async () => {
    await using it = await recording({ maxAge: 30 });
    it.record(stepsOf('a', 1));
    await expect.poll(() => it.recorder.path).toBe(null);
    it.record(stepsOf('b', 1));
    await it.recorder.close();
    const { files } = await recordedIn(it.folder);
    expect(files.map(({ steps }) => steps[0]?.session)).toEqual(['a', 'b']);
  });

  test('keeps only the newest files when a number is set, and touches no other file', async () => {
    await using it = await recording({ maxSize: 1_024, keep: 3 });
    await writeFile(join(it.folder, '2020-01-01T00-00-00.000Z-1-0001.jsonl'), '');
    await writeFile(join(it.folder, 'mine.jsonl'), 'mine');
    it.record(stepsOf('a', 30));
    await it.recorder.close();
    const names = await readdir(it.folder);
    expect(names).toContain('mine.jsonl');
    expect(names).toHaveLength(4);
    const { steps } = await recordedIn(it.folder);
    expect(steps.at(-1)?.seq).toBe(30);
    expect(steps.length).toBeLessThan(15);
  });

  test('T93: passes over folders and links that are named like a recording, old and next', async () => {
    await using it = await recording({ maxSize: 1_024, keep: 3 });
    const old = '2020-01-01T00-00-00.000Z-1-000';
    await mkdir(join(it.folder, `${old}1.jsonl`));
    await writeFile(join(it.folder, `${old}2.jsonl`), '');
    await writeFile(join(it.folder, 'mine.jsonl'), 'mine');
    await symlink(join(it.folder, 'mine.jsonl'), join(it.folder, `${old}3.jsonl`));
    const problems: Error[] = [];
    it.recorder.on('problem', (error) => problems.push(error));
    it.record(stepsOf('a', 30));
    await it.recorder.close();
    expect(problems).toEqual([]);
    const names = (await readdir(it.folder)).sort();
    expect(names.slice(0, 2)).toEqual([`${old}1.jsonl`, `${old}3.jsonl`]);
    expect(names).toContain('mine.jsonl');
    expect(names).toHaveLength(3 + 3);
  });

  test('T93: begins the file after one whose name a folder has', async () => {
    await using folder = await temporaryFolder();
    const at = new Date('2026-07-25T14:30:03.134Z');
    vi.useFakeTimers({ toFake: ['Date'], now: at });
    try {
      await mkdir(join(folder.path, recordingName(at, process.pid, 1)));
      const recorder = await openRecorder({ folder: folder.path });
      expect(basename(recorder.path ?? '')).toBe(recordingName(at, process.pid, 2));
      await recorder.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('shares a folder with others: each writes its own files', async () => {
    await using it = await recording({ maxSize: 4_096 });
    const others = await Promise.all(
      Array.from({ length: 4 }, () => openRecorder({ folder: it.folder, maxSize: 4_096 })),
    );
    for (const step of stepsOf('a', 50)) {
      for (const [index, recorder] of [it.recorder, ...others].entries()) {
        recorder.record({ ...step, session: `by-${index}` });
      }
      await new Promise(setImmediate);
    }
    await Promise.all([it.recorder, ...others].map((recorder) => recorder.close()));
    const { files, steps, problems } = await recordedIn(it.folder);
    expect(problems).toEqual([]);
    expect(steps).toHaveLength(5 * 50);
    for (const { steps, name } of files) {
      expect(new Set(steps.map(({ session }) => session)).size, name).toBe(1);
    }
  });

  test('refuses options that cannot be used', async () => {
    const folder = 'x';
    const wrong: [Partial<RecorderOptions>, string][] = [
      [{ folder: '' }, 'option folder: expected the path of a folder, not ""'],
      [{ sync: '2s' as never }, 'option sync: expected always, 1s, never, not "2s"'],
      [
        { maxSize: 10 },
        'option maxSize: expected a whole number from 1024 to 9007199254740991, not 10',
      ],
      [{ maxAge: 0 }, 'option maxAge: expected a whole number from 1 to 2147483647, not 0'],
      [{ keep: 0 }, 'option keep: expected a whole number from 1 to 9007199254740991, not 0'],
    ];
    for (const [options, message] of wrong) {
      await expect(openRecorder({ folder, ...options })).rejects.toThrow(message);
    }
  });

  test('does not start where it cannot write, and says why', async () => {
    await using above = await temporaryFolder();
    const file = join(above.path, 'file');
    await writeFile(file, '');
    const wrong: [string, string][] = [
      [file, 'it is not a folder. Choose a folder or an unused name'],
      [join(file, 'under'), 'it is not a folder. Choose a folder or an unused name'],
      [join(above.path, 'no', 'such'), 'the parent folder does not exist. Create it first'],
    ];
    for (const [folder, reason] of wrong) {
      await expect(openRecorder({ folder })).rejects.toMatchObject({
        code: 'RECORD_FAILED',
        message: `recording in ${folder}: it cannot be written: ${reason}`,
      });
    }
  });
});

describe('Why it cannot be written', () => {
  test.each([
    ['ENOSPC', 'the disk is full. Make room'],
    ['EDQUOT', 'the disk is full. Make room'],
    ['EROFS', 'the disk is read-only. Choose another folder'],
    ['EACCES', 'permission denied. Choose a writable folder'],
    ['EPERM', 'permission denied. Choose a writable folder'],
    ['EMFILE', 'too many files are open. Raise the limit (ulimit -n)'],
    ['EOTHER', 'EOTHER: it failed'],
  ])('%s: %s', (code, words) => {
    expect(writeProblem(failure(code))).toBe(words);
  });
});

describe('What does not fit into the queue', () => {
  test('is dropped and replaced by a gap mark, and the recorder reports it once', async () => {
    await using it = await recording({ maxWaiting: 10_000 });
    it.record(stepsOf('a', 1_000));
    expect(it.recorder.canRecord).toBe(false);
    await expect.poll(() => it.recorder.canRecord).toBe(true);
    it.record(stepsOf('b', 1));
    await it.recorder.close();
    const { steps, gaps, problems } = await recordedIn(it.folder);
    const kept = steps.length - 1;
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(50);
    expect(steps).toEqual([...stepsOf('a', kept), ...stepsOf('b', 1)]);
    expect(gaps).toEqual([{ line: kept + 1, steps: 1_000 - kept, at: sample.at }]);
    expect(problems).toEqual([]);
    expect(it.told).toEqual([
      `RECORD_BEHIND: recording in ${it.folder}: the disk does not keep up. Steps are left out until it does`,
    ]);
    expect(it.recorder.counts()).toEqual({ steps: 1_001, dropped: 1_000 - kept });
  });

  test('is counted too when it is what JSON cannot write', async () => {
    await using it = await recording();
    const payload = { messageName: 'X', amount: 1n };
    it.record([...stepsOf('a', 1), { ...sample, payload }, ...stepsOf('b', 1)]);
    await it.recorder.close();
    const { steps, gaps } = await recordedIn(it.folder);
    expect(steps.map(({ session }) => session)).toEqual(['a', 'b']);
    expect(gaps).toEqual([{ line: 2, steps: 1, at: sample.at }]);
    expect(it.told).toEqual([
      `RECORD_BEHIND: recording in ${it.folder}: a step holds what JSON cannot write. It is left out`,
    ]);
  });
});

describe('How durable it is', () => {
  test('always: flushed() waits for the disk, and what waits at once shares a sync', async () => {
    await using it = await recording({ sync: 'always' });
    const handles = await fileHandles();
    const { datasync } = handles;
    let syncs = 0;
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    vi.spyOn(handles, 'datasync').mockImplementation(async function (this: typeof handles) {
      syncs += 1;
      await held;
      return datasync.call(this);
    });
    expect(it.recorder.requiresDurableAck).toBe(true);
    let recorded = 0;
    const waiting = stepsOf('a', 200).map(async (step) => {
      it.recorder.record(step);
      await it.recorder.flushed();
      recorded += 1;
    });
    await expect.poll(() => syncs).toBe(1);
    expect((await recordedIn(it.folder)).steps).toHaveLength(200);
    expect(recorded).toBe(0);
    letGo();
    await Promise.all(waiting);
    expect(recorded).toBe(200);
    expect(syncs).toBe(1);
  });

  test('always: what went into a file that was removed is recorded in the next one', async () => {
    await using it = await recording({ sync: 'always' });
    it.record(stepsOf('a', 3));
    await it.recorder.flushed();
    await rm(it.folder, { recursive: true });
    it.record(stepsOf('b', 2));
    await expect(it.recorder.flushed()).rejects.toMatchObject({
      message: expect.stringContaining('the file was removed while it was written'),
    });
    await expect.poll(() => it.recorder.canRecord).toBe(true);
    it.record(stepsOf('c', 1));
    await it.recorder.flushed();
    const { steps, gaps } = await recordedIn(it.folder);
    expect(steps).toEqual([...stepsOf('b', 2), ...stepsOf('c', 1)]);
    expect(gaps).toEqual([{ line: 1, steps: 3, at: sample.at }]);
    expect(it.recorder.counts()).toEqual({ steps: 6, dropped: 3 });
  });

  test('1s: at most one sync per second, and flushed() does not wait for it; never: no sync', async () => {
    const handles = await fileHandles();
    const datasync = vi.spyOn(handles, 'datasync');
    await using never = await recording({ sync: 'never' });
    never.record(stepsOf('a', 1));
    await never.recorder.close();
    expect(datasync).toHaveBeenCalledTimes(0);
    await using it = await recording({ sync: '1s' });
    expect(it.recorder.requiresDurableAck).toBe(false);
    for (const step of stepsOf('a', 20)) {
      it.recorder.record(step);
      await it.recorder.flushed();
    }
    expect((await recordedIn(it.folder)).steps).toHaveLength(20);
    expect(datasync).toHaveBeenCalledTimes(0);
    await expect.poll(() => datasync.mock.calls.length).toBe(1);
  });
});

describe('A disk that refuses', () => {
  test.each(['ENOSPC', 'EIO', 'EFBIG'])(
    '%s: the recorder reports it once, retries with new files, and loses nothing that fits into the queue',
    async (code) => {
      await using it = await recording();
      it.record(stepsOf('a', 2));
      await it.recorder.flushed();
      const handles = await fileHandles();
      const write = vi.spyOn(handles, 'write').mockRejectedValue(failure(code));
      it.record(stepsOf('b', 2));
      await expect(it.recorder.flushed()).rejects.toMatchObject({ code: 'RECORD_FAILED' });
      expect(it.recorder.canRecord).toBe(false);
      await expect.poll(() => write.mock.calls.length).toBeGreaterThan(3);
      expect(it.told).toEqual([expect.stringContaining('RECORD_FAILED: recording in ')]);
      it.record(stepsOf('c', 2));
      await expect(it.recorder.flushed()).rejects.toMatchObject({ code: 'RECORD_FAILED' });
      write.mockRestore();
      await expect.poll(() => it.recorder.canRecord).toBe(true);
      expect(it.told.slice(1)).toEqual(['resumed']);
      await it.recorder.flushed();
      const { steps, files, gaps } = await recordedIn(it.folder);
      expect(steps).toEqual([...stepsOf('a', 2), ...stepsOf('b', 2), ...stepsOf('c', 2)]);
      expect(gaps).toEqual([]);
      // Files that nothing could be written to are gone.
      expect(files).toHaveLength(2);
    },
  );

  test('says how many were lost when the queue was full', async () => {
    await using it = await recording({ maxWaiting: 10_000 });
    const handles = await fileHandles();
    const write = vi.spyOn(handles, 'write').mockRejectedValue(failure('ENOSPC'));
    const [first, ...others] = stepsOf('a', 500);
    it.recorder.record(first as StepRecord);
    // The failed write is reported before the queue is full.
    await expect.poll(() => it.told).toHaveLength(1);
    for (const step of others) it.recorder.record(step);
    expect(it.told).toHaveLength(1);
    write.mockRestore();
    await expect.poll(() => it.recorder.canRecord).toBe(true);
    it.record(stepsOf('b', 1));
    await it.recorder.close();
    const { steps, gaps } = await recordedIn(it.folder);
    const kept = steps.length - 1;
    expect(steps).toEqual([...stepsOf('a', kept), ...stepsOf('b', 1)]);
    expect(gaps).toMatchObject([{ steps: 500 - kept }]);
  });

  test('cuts a line in two: the whole one is in the next file', async () => {
    await using it = await recording();
    const handles = await fileHandles();
    const { write } = handles;
    let calls = 0;
    vi.spyOn(handles, 'write').mockImplementation(async function (this: unknown, ...what: never[]) {
      calls += 1;
      if (calls > 1) throw failure('ENOSPC');
      const [bytes] = what as unknown as [Uint8Array];
      return Reflect.apply(write, this, [bytes.subarray(0, bytes.length - 30)]);
    });
    it.record(stepsOf('a', 3));
    await expect.poll(() => it.told).toHaveLength(1);
    vi.restoreAllMocks();
    await expect.poll(() => it.recorder.canRecord).toBe(true);
    const { files } = await recordedIn(it.folder);
    expect(files.map(({ torn, steps }) => [torn, steps.map(({ seq }) => seq)])).toEqual([
      [true, [1, 2]],
      [false, [3]],
    ]);
  });

  test('at a sync: with always the steps are written again, else they are counted as missing', async () => {
    const handles = await fileHandles();
    for (const sync of ['always', '1s'] as const) {
      await using it = await recording({ sync });
      const datasync = vi.spyOn(handles, 'datasync').mockRejectedValueOnce(failure('EIO'));
      it.record(stepsOf('a', 3));
      await expect.poll(() => it.told).toHaveLength(2);
      expect(datasync.mock.calls.length).toBeGreaterThan(0);
      it.record(stepsOf('b', 1));
      await it.recorder.close();
      const { files } = await recordedIn(it.folder);
      expect(files.map(({ steps, gaps }) => [steps.length, gaps[0]?.steps])).toEqual([
        [3, undefined],
        sync === 'always' ? [4, undefined] : [1, 3],
      ]);
      vi.restoreAllMocks();
    }
  });

  test('whose folder is removed: the recorder creates it again within a second, with a gap mark', async () => {
    await using it = await recording({ sync: 'never' });
    it.record(stepsOf('a', 3));
    await it.recorder.flushed();
    await rm(it.folder, { recursive: true });
    it.record(stepsOf('b', 2));
    await it.recorder.flushed();
    await expect.poll(() => it.told).toHaveLength(2);
    expect(it.told[0]).toContain('the file was removed while it was written');
    it.record(stepsOf('c', 1));
    await it.recorder.close();
    const { steps, gaps } = await recordedIn(it.folder);
    expect(steps).toEqual(stepsOf('c', 1));
    expect(gaps).toEqual([{ line: 1, steps: 5, at: sample.at }]);
  });

  test('where a file has the name of the folder: the recorder waits until the file is gone', async () => {
    await using it = await recording({ sync: 'never', maxAge: 30 });
    it.record(stepsOf('a', 1));
    await expect.poll(() => it.recorder.path).toBe(null);
    await rm(it.folder, { recursive: true });
    await writeFile(it.folder, '');
    it.record(stepsOf('b', 1));
    await expect.poll(() => it.told).toHaveLength(1);
    expect(it.told[0]).toContain('it is not a folder');
    await rm(it.folder);
    await mkdir(it.folder, { recursive: true });
    await expect.poll(() => it.recorder.canRecord).toBe(true);
    expect((await recordedIn(it.folder)).steps).toEqual(stepsOf('b', 1));
  });

  test('and writes again under load: it can record as soon as a write succeeds, though something always waits', async () => {
    await using it = await recording({ sync: 'always' });
    const handles = await fileHandles();
    const { write } = handles;
    let calls = 0;
    vi.spyOn(handles, 'write').mockImplementation(async function (this: unknown, ...what: never[]) {
      calls += 1;
      if (calls === 1) throw failure('ENOSPC');
      // What comes while this is written.
      if (calls < 1_000) it.record(stepsOf(`during-${calls}`, 1));
      return Reflect.apply(write, this, what);
    });
    it.record(stepsOf('a', 1));
    await expect.poll(() => it.told.length, { interval: 1 }).toBe(2);
    expect(it.told[1]).toBe('resumed');
    expect(it.recorder.canRecord).toBe(true);
    expect(calls).toBeLessThan(1_000);
  });

  test('counts each step that is in no file once, those that did not fit included', async () => {
    await using it = await recording({ maxWaiting: 10_000 });
    const handles = await fileHandles();
    vi.spyOn(handles, 'write').mockRejectedValue(failure('ENOSPC'));
    for (const step of stepsOf('a', 500)) {
      it.record([step]);
      await new Promise(setImmediate);
    }
    await it.recorder.close();
    expect(it.recorder.counts()).toEqual({ steps: 500, dropped: 500 });
  });

  test('to the last: closing does not wait for it, and says how many steps are not written', async () => {
    await using it = await recording();
    const handles = await fileHandles();
    vi.spyOn(handles, 'write').mockRejectedValue(failure('ENOSPC'));
    it.record(stepsOf('a', 7));
    await it.recorder.close();
    expect(it.told).toHaveLength(2);
    expect(it.told[1]).toContain('its last steps, 7 of them, are not written');
    expect(it.recorder.counts()).toEqual({ steps: 7, dropped: 7 });
    expect(await readdir(it.folder)).toEqual([]);
  });
});
