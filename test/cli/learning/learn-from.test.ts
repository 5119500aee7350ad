/** `ixgate learn --from` and `ixgate diff` on logs, recordings and their own files. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { generatedLog, type Mistake } from '../../../scripts/generated-log.js';
import { ixgate } from '../in-process.js';

let folder = '';
const at = (name: string) => join(folder, name);
const stated = ['--registration-timeout', '10s', '--rejection-timeout', '5s'];

async function made(name: string, sessions: number, mistakes: readonly Mistake[] = []) {
  let text = '';
  for (const piece of generatedLog({ sessions, seed: 5, isClean: true, mistakes })) {
    if ('text' in piece) text += piece.text;
  }
  await writeFile(at(name), text);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ixgate-learn-'));
  await made('good.log', 400);
  await made('wrong.log', 400, ['acks-first', 'restarts-deadline']);
  for (const name of ['good', 'wrong']) {
    await ixgate(['learn', '--from', at(`${name}.log`), '--out', at(`${name}.json`)]);
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('ixgate learn --from', () => {
  it('equals the figure for a log without mistakes, measures its deadlines, and lists what no session has taken', async () => {
    const { code, stdout } = await ixgate(['learn', '--from', at('good.log')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /awaiting\/registration +silence +closed +-> disconnected, after 10000 ms/,
    );
    expect(stdout).toMatch(/awaiting\/rejection: .*not-json/);
    expect(stdout).toMatch(/400 sessions, 0 of them differ from the figure; 0 differences\n$/);
  });

  it('shows each difference once with a ladder, and after how many sessions it was seen', async () => {
    const { code, stdout } = await ixgate(['learn', '--from', at('wrong.log'), ...stated]);
    expect(code).toBe(6);
    expect(stdout).toMatch(
      /other in awaiting\/registration: expected EventError, observed EventAck\n +\d+ of 400 sessions; first seen in session \d+; shortest: \S+\n\n +Client +Server\n/,
    );
    expect(stdout.match(/other in awaiting\/registration: expected/g)?.length).toBe(1);
  });

  it('writes one JSON object with the counts and differences', async () => {
    const { code, stdout } = await ixgate(['learn', '--from', at('wrong.log'), '--json']);
    expect(code).toBe(6);
    const found = JSON.parse(stdout);
    expect(found.sessions).toBe(400);
    expect(found.edges.length).toBe(26);
    expect(found.differences[0]).toMatchObject({ kind: 'output', input: 'other' });
  });

  it('learns the same from a recording as from the log', async () => {
    await ixgate(['analyze', at('good.log'), '--record', at('good.jsonl')]);
    const [log, recording] = await Promise.all(
      ['good.log', 'good.jsonl'].map((name) => ixgate(['learn', '--from', at(name), '--json'])),
    );
    expect(JSON.parse(recording?.stdout ?? '').edges).toEqual(JSON.parse(log?.stdout ?? '').edges);
  });

  it('writes only the machine with --format', async () => {
    const dot = await ixgate(['learn', '--from', at('good.log'), '--format', 'dot']);
    expect(dot).toMatchObject({ code: 0, stderr: '' });
    expect(dot.stdout).toMatch(/^digraph learned \{/);
  });

  it.each([
    [['--from', 'missing.log'], 'missing.log: cannot be read: file not found'],
    [
      ['tcp://127.0.0.1:7004', '--from', 'x'],
      'expected an endpoint, e.g. tcp://127.0.0.1:7004, or --from',
    ],
    [[], 'expected an endpoint, e.g. tcp://127.0.0.1:7004, or --from'],
    [['--from', 'x', '--format', 'dot', '--json'], '--format and --json cannot be combined'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await ixgate(['learn', ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('refuses recordings without a session, and files that are not recordings', async () => {
    await writeFile(at('empty.log'), (await readFile(at('good.log'), 'utf8')).slice(0, 400));
    const empty = await ixgate(['learn', '--from', at('empty.log')]);
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('no session to learn from in');
    await writeFile(at('damaged.jsonl'), '{"seq":1,\n');
    const damaged = await ixgate(['learn', '--from', at('damaged.jsonl')]);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toContain('is not a log in a known format');
  });
});

describe('ixgate diff', () => {
  it('finds no difference between a file and itself', async () => {
    const same = await ixgate(['diff', at('good.json'), at('good.json')]);
    expect(same).toMatchObject({ code: 0, stdout: 'no difference\n' });
  });

  it('shows each difference of two servers with both ladders', async () => {
    const { code, stdout } = await ixgate(['diff', at('good.json'), at('wrong.json')]);
    expect(code).toBe(6);
    expect(stdout).toContain(`${at('good.json')} EventError, ${at('wrong.json')} EventAck`);
    const json = await ixgate(['diff', at('good.json'), at('wrong.json'), '--json']);
    const { differences } = JSON.parse(json.stdout);
    expect(differences.map((one: { input: string }) => one.input)).toContain('other');
    expect(stdout).toContain(`\n${differences.length} difference`);
  });

  const valid = () => readFile(at('good.json'), 'utf8');
  it.each([
    ['cut off', (text: string) => text.slice(0, 300), /:\d+: invalid JSON/],
    [
      'of another version',
      (text: string) => text.replace('"version": 1', '"version": 2'),
      /:3: the version is 2; this ixgate reads version 1/,
    ],
    [
      'of another kind',
      () => '{"kind":"coverage"}',
      /not a learned machine; expected a file of ixgate learn --out/,
    ],
    ['a log', () => 'Application name: x\n', /not a learned machine/],
    [
      'with an unknown clock',
      (text: string) => text.replace('"clock": "keep"', '"clock": "hold"'),
      /:\d+: machine\.states.*clock is "hold"; allowed: start, keep, stop, none/,
    ],
    [
      'with an edge to nowhere',
      (text: string) => text.replace('"to": "registered"', '"to": "lost"'),
      /:\d+: no state has the name "lost"/,
    ],
  ])('refuses a file that is %s, with its place', async (_what, change, message) => {
    const path = at('changed.json');
    await writeFile(path, change(await valid()));
    const { code, stderr } = await ixgate(['diff', path, at('good.json')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('reads what learn has written', async () => {
    const file = JSON.parse(await valid()) as LearnedFile;
    expect(file).toMatchObject({
      kind: 'ixgate-learned',
      version: 1,
      differences: [],
      guarantee: null,
    });
    expect(file.unknown).toContain('No session has taken not-json in registered.');
    expect(file.connections).toBe(400);
  });
});
