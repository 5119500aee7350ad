import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRecorder } from '../../adapters/recording/index.js';
import { figures, gapMark, playFigureOnChart, type StepRecord } from '../../machines/index.js';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';

/** The steps of figure 1: connect, request, acknowledgement, and what follows. */
const played = playFigureOnChart(figures[0] ?? never()).steps.filter(
  ({ seat }) => seat === 'server',
);
const start = 1_780_000_000_000;

function never(): never {
  throw new Error('there is none');
}

interface Held {
  readonly session: string;
  readonly epoch?: number;
  /** Milliseconds after the start of the test; without an end the session stays open. */
  readonly from: number;
  readonly to?: number;
  readonly name?: string;
}

/** The steps of a session that holds a name. */
function stepsOf({ session, epoch, from, to, name = 'desk-1' }: Held): StepRecord[] {
  const steps = played
    .filter((step) => step.from !== 'registered' && step.to !== 'disconnected')
    .map((step) => ({
      ...step,
      session,
      at: start + from,
      payload: step.payload && { ...step.payload, clientName: name },
      ...(step.to === 'registered' && epoch !== undefined && { epoch }),
    }));
  const last = steps.at(-1) ?? never();
  if (to === undefined) return steps;
  const end = { from: 'registered', to: 'disconnected', reason: 'peer-closed' } as const;
  const step = { kind: 'lifecycle', direction: null, name: 'Disconnected', payload: null } as const;
  return [
    ...steps,
    { ...last, ...end, ...step, epoch: undefined, seq: last.seq + 1, at: start + to },
  ];
}

/** Recordings of nodes, by the real recorder; each node has a folder. */
async function recorded(nodes: Readonly<Record<string, readonly Held[]>>) {
  const folder = await temporaryFolder();
  for (const [node, sessions] of Object.entries(nodes)) {
    await using recorder = await openRecorder({ folder: join(folder.path, node), node });
    const steps = sessions.flatMap(stepsOf).sort((one, other) => one.at - other.at);
    for (const step of steps) recorder.record(step);
  }
  const run = (...args: string[]) => ixgate(['check-history', folder.path, ...args]);
  return Object.assign(folder, {
    run,
    json: async (...args: string[]) => {
      const { code, stdout } = await run('--json', ...args);
      return { code, ...JSON.parse(stdout) };
    },
  });
}

describe('ixgate check-history', () => {
  test('finds nothing wrong in a run whose names were held one after the other', async () => {
    await using folder = await recorded({
      a: [
        { session: 'a-1', epoch: 5, from: 0, to: 100 },
        { session: 'a-2', from: 10, to: 20 },
        { session: 'a-3', epoch: 4, from: 20, to: 20, name: 'other' },
      ],
      b: [
        { session: 'b-1', epoch: 9, from: 100, to: 300 },
        { session: 'b-2', epoch: 10, from: 400 },
      ],
    });
    const { code, stdout, stderr } = await folder.run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      '4 grants, 2 names, 1 open at the end, 1 without a cap, 2 files, 0 overlaps, 0 violations\n',
    );
    expect(await folder.json('--complete')).toMatchObject({
      code: 6,
      withoutEnd: ['b-2 of desk-1 on b'],
    });
  });

  test('reports two sessions with one epoch, with their nodes and lines', async () => {
    await using folder = await recorded({
      a: [{ session: 'a-1', epoch: 5, from: 0, to: 100 }],
      b: [{ session: 'b-1', epoch: 5, from: 1_000, to: 1_100 }],
    });
    const { code, stdout } = await folder.run();
    expect(code).toBe(6);
    expect(stdout).toMatch(
      /^two sessions with one epoch: "desk-1"\n {2}session a-1 on a, epoch 5, 2026-\S+, a\/\S+\.jsonl:\d+\n {2}session b-1 on b, epoch 5, \S+, b\/\S+\.jsonl:\d+\n/,
    );
  });

  test('reports an epoch that goes backwards, unless the clocks explain it', async () => {
    await using folder = await recorded({
      a: [{ session: 'a-1', epoch: 9, from: 0, to: 10 }],
      b: [{ session: 'b-1', epoch: 5, from: 80, to: 90 }],
    });
    const { code, violations } = await folder.json();
    expect({ code, violations }).toMatchObject({
      code: 6,
      violations: [{ type: 'epoch-backwards', first: { epoch: 9 }, second: { epoch: 5 } }],
    });
    expect(await folder.json('--max-clock-difference', '100ms')).toMatchObject({ code: 0 });
  });

  test('reports a name with two sessions at once, without the difference of the clocks', async () => {
    await using folder = await recorded({
      a: [{ session: 'a-1', epoch: 5, from: 0, to: 1_000 }],
      b: [{ session: 'b-1', epoch: 6, from: 700, to: 2_000 }],
    });
    expect(await folder.json()).toMatchObject({
      code: 6,
      violations: [{ type: 'overlap', duration: 250, first: { node: 'a' }, second: { node: 'b' } }],
    });
    expect(await folder.json('--max-clock-difference', '300ms')).toMatchObject({ code: 0 });
    expect(await folder.json('--cap', '2')).toMatchObject({ code: 0 });
    const takeover = ['--policy', 'takeover'];
    expect(await folder.json(...takeover)).toMatchObject({
      ...{ code: 0, violations: [] },
      overlaps: [{ name: 'desk-1', duration: 250 }],
    });
    expect(await folder.json(...takeover, '--max-overlap', '200ms')).toMatchObject({
      ...{ code: 6, overlaps: [] },
      violations: [{ type: 'overlap' }],
    });
  });

  test('counts a session without an end until its recording ends', async () => {
    await using folder = await recorded({
      a: [
        { session: 'a-1', epoch: 5, from: 0 },
        { session: 'a-2', epoch: 6, from: 500, to: 600, name: 'other' },
      ],
      b: [{ session: 'b-1', epoch: 7, from: 400, to: 2_000 }],
    });
    expect(await folder.json()).toMatchObject({ violations: [{ type: 'overlap', duration: 150 }] });
    await using crashed = await recorded({
      a: [{ session: 'a-1', epoch: 5, from: 0 }],
      b: [{ session: 'b-1', epoch: 7, from: 400, to: 2_000 }],
    });
    expect(await crashed.json()).toMatchObject({ code: 0, open: 1 });
  });

  test('skips damaged lines, an incomplete last line and other files, and names what is missing', async () => {
    await using folder = await recorded({ a: [{ session: 'a-1', epoch: 5, from: 0, to: 100 }] });
    const steps = stepsOf({ session: 'b-1', epoch: 6, from: 200, to: 300 });
    const lines = steps.map((step) => JSON.stringify(step));
    const gap = gapMark({ steps: 3, at: start });
    await mkdir(join(folder.path, 'deep', 'er'), { recursive: true });
    await writeFile(
      join(folder.path, 'deep', 'er', 'old.jsonl'),
      [...lines, 'no json', gap, '{"seq":1,"sess'].join('\n'),
    );
    await writeFile(join(folder.path, 'notes.txt'), 'hello\n');
    const { code, grants, files, missing, damaged } = await folder.json();
    expect({ code, grants, files, missing }).toEqual({ code: 0, grants: 2, files: 2, missing: 3 });
    expect(damaged).toEqual([
      { place: `deep/er/old.jsonl:${lines.length + 1}`, reason: 'not JSON' },
    ]);
  });

  test('refuses a folder without recordings, and options out of range', async () => {
    await using folder = await temporaryFolder();
    const refused = async (...args: string[]) => {
      const { code, stderr } = await ixgate(['check-history', folder.path, ...args]);
      return `${code} ${stderr}`;
    };
    expect(await refused()).toMatch(/^2 .*there is no recording in this folder/);
    expect(await refused('--cap', '0')).toMatch(
      /^2 .*--cap is "0"; allowed: a whole number from 1/,
    );
    expect(await refused('--policy', 'probe')).toMatch(/^2 .*reject, takeover/);
    expect(await refused('--max-overlap', 'long')).toMatch(/^2 .*--max-overlap is "long"/);
    const { code, stderr } = await ixgate(['check-history', join(folder.path, 'none')]);
    expect(`${code} ${stderr}`).toMatch(/^2 .*none/);
  });
});
