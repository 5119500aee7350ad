/** `ixgate learn ENDPOINT` on live servers: what it prints, what it keeps, and how it ends. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createServer,
  type GateServer,
  type ServerOptions,
} from '../../../adapters/server/index.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { temporaryFolder } from '../../support/folder.js';
import type { Ran } from '../../support/run-node.js';
import { plainServer, socketServer } from '../../tester/conform/wrong-servers/plain-server.js';
import { ClosesAtOnce } from '../../tester/conform/wrong-servers/wrong-sessions.js';
import { Command, ixgate } from '../in-process.js';

const timeouts = ['--registration-timeout', '400ms', '--rejection-timeout', '200ms'];
const gates: GateServer[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let endpoint = '';
let learned: Ran;

const file = (name: string) => join(folder.path, name);
const learn = (...args: string[]) => ixgate(['learn', ...args]);
const json = ({ stdout }: Ran) => JSON.parse(stdout) as LearnedFile & Record<string, unknown>;

async function gate(options: ServerOptions = {}): Promise<string> {
  const server = await createServer({
    listen: ['tcp://127.0.0.1:0'],
    registrationTimeout: 400,
    rejectionTimeout: 200,
    onMessage: ({ reply }) => reply.ack(),
    ...options,
  });
  gates.push(server);
  return `tcp://127.0.0.1:${server.endpoints[0]?.port}`;
}

/** Answers each line, on sockets. */
function answering(answer: (line: string, count: number) => string) {
  return socketServer((socket) => {
    let count = 0;
    socket.on('data', (data) => {
      for (const line of data.toString().split('\n').slice(0, -1)) {
        count += 1;
        socket.write(`${answer(line, count)}\n`);
      }
    });
  });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(
    file('lines.ts'),
    `export const wire = {
      inputs: { ping: 'sends ping' },
      timing: { horizon: 150 },
      session: () => ({
        encode: (input) => Buffer.from(input + '\\n'),
        decode: (bytes) => Buffer.from(bytes).toString().split('\\n').slice(0, -1),
      }),
    };`,
  );
  endpoint = await gate();
  learned = await learn(endpoint, '--out', file('first.json'));
});
afterAll(async () => {
  await Promise.all(gates.map((server) => server.close()));
  await folder[Symbol.asyncDispose]();
});

describe('a gate', () => {
  it('equals its figure: its states, its clocks in words, and the guarantee', () => {
    expect(learned.code).toBe(0);
    const text = learned.stdout.replaceAll(/\d+ ms/g, 'N ms').replaceAll(/ {2,}/g, '  ');
    expect(text).toContain('3 open states, ');
    expect(text).toContain(
      '\nawaiting/rejection\n  register  EventAck  -> registered, stops the clock\n',
    );
    expect(text).toContain(
      '  register-invalid, register-malformed, other, event-ack  EventError  -> awaiting/rejection, starts the clock\n',
    );
    expect(text).toContain(`Clocks
  closed after N ms
  the connect starts it
  register in awaiting/registration stops it`);
    expect(text).toContain(
      'register-invalid, register-malformed, other, event-ack in awaiting/rejection keep it\n',
    );
    expect(text).toMatch(
      /No difference from the figure\nGuarantee: every system .* at most one more state .*\nwritten to /,
    );
    expect(learned.stderr).not.toContain('Error');
  });

  it('is written with its lengths', async () => {
    const { machine, differences, guarantee } = JSON.parse(
      await readFile(file('first.json'), 'utf8'),
    ) as LearnedFile;
    expect({ differences, hasGuarantee: guarantee !== null }).toEqual({
      differences: [],
      hasGuarantee: true,
    });
    const lengths = machine.states.map(({ timeout }) => timeout?.length ?? null);
    expect(lengths.map((length) => length && Math.round(length / 100))).toEqual([4, null, 2, null]);
  });

  it('is learned again from its plays, without most of the connections', async () => {
    const again = json(await learn(endpoint, '--out', file('first.json'), '--json'));
    const first = /(\d+) connections/.exec(learned.stdout)?.[1];
    expect(again.connections).toBeLessThan(Number(first) / 4);
    expect(again).toMatchObject({ differences: [], end: null, known: [] });
  });

  it.each([
    ['dot', /^digraph /],
    ['mermaid', /^stateDiagram-v2/m],
    ['xstate', /createMachine\(/],
  ])('is written as %s', async (format, looks) => {
    const { code, stdout } = await learn(
      endpoint,
      ...['--tree', file('first.json.tree'), '--format', format],
    );
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(looks) });
    expect(stdout).not.toContain('Guarantee');
  });

  it('is learned in part when the connections are few', async () => {
    const ran = await learn(endpoint, ...timeouts, '--budget', '30', '--tree', file('part.tree'));
    expect(ran.code).toBe(6);
    expect(ran.stdout).toContain('Not known\n  the budget of 30 connections is used up\n');
    expect(ran.stdout).toContain('  not observed: ');
    expect(ran.stdout).toContain('No difference from the figure so far\nNot completed');
    expect(ran.stdout).toContain(
      `To go on, run the same command: ${file('part.tree')} has the plays.`,
    );
  });

  it('is learned in part when Ctrl-C comes; the next run goes on, and finds the same machine', async () => {
    const tree = file('stopped.tree');
    await using command = new Command(['learn', endpoint, ...timeouts, '--tree', tree, '--json']);
    const plays = async () => (await readFile(tree, 'utf8').catch(() => '')).split('\n').length;
    await expect.poll(plays).toBeGreaterThan(20);
    command.kill('SIGINT');
    const code = await command.ended;
    expect(command.stderr).toBe('');
    const result = json({ code, stdout: command.stdout, stderr: command.stderr });
    expect({ code, ...result }).toMatchObject({
      code: 130,
      end: 'aborted',
      differences: [],
      guarantee: null,
    });
    expect(result.unknown).toContain('the learning was stopped');
    const kept = await plays();
    expect(kept).toBeGreaterThan(20);
    await mkdir(file('known'), { recursive: true });
    await writeFile(file('known/gate.json'), await readFile(file('first.json')));
    const again = ['--known', file('known'), '--out', file('second.json')];
    const whole = await learn(endpoint, ...timeouts, '--tree', tree, ...again);
    expect(whole.code).toBe(0);
    expect(whole.stdout).toContain(`\nIt behaves like ${file('known/gate.json')}.\n`);
    const compared = await ixgate(['diff', file('first.json'), file('second.json')]);
    expect(compared).toMatchObject({ code: 0, stdout: 'no difference\n' });
    expect(await plays()).toBeGreaterThan(kept);
  });

  it('that refuses the valid client is not learned beyond it, which the report shows', async () => {
    const refusing = await gate({
      validator: ({ clientName }) => clientName.startsWith('desk-'),
    });
    const client = JSON.stringify({ clientName: 'kiosk-1', clientType: 'AgentApplication' });
    const files = ['--keep', file('differences.suite'), '--record', file('differences.jsonl')];
    const ran = await learn(refusing, ...timeouts, '--valid', client, '--budget', '100', ...files);
    expect(ran.code).toBe(6);
    expect(ran.stdout).toContain(
      'the server refuses the valid client, so registered clients were not learned; state a client that it accepts with --valid',
    );
    const played = ['--suite', file('differences.suite'), '--valid', client];
    expect((await ixgate(['conform', refusing, ...played])).code).toBe(6);
    const shown = await ixgate(['analyze', file('differences.jsonl')]);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('difference-1') });
  });
});

describe('a server that cannot be learned', () => {
  it('cannot be reached', async () => {
    const ran = await learn('tcp://127.0.0.1:1', '--out', file('none.json'));
    expect(ran).toMatchObject({ code: 5, stdout: '' });
    expect(ran.stderr).toContain('tcp://127.0.0.1:1 could not be reached');
  });

  it('closes each connection at once', async () => {
    await using server = await plainServer(ClosesAtOnce);
    const ran = await learn(server.endpoint);
    expect(ran.code).toBe(5);
    expect(ran.stderr).toContain('it accepts connections and closes them at once');
  });

  it('answers at random: the report tells where, and shows two plays', async () => {
    let pings = 0;
    await using server = await answering(() => (pings++ % 2 ? 'pong' : 'pang'));
    const ran = await learn(server.endpoint, '--mapper', file('lines.ts'));
    expect(ran.code).toBe(6);
    expect(ran.stdout).toMatch(
      /Not known\n {2}the system answers ping differently each time: "p.ng" or "p.ng"/,
    );
    expect(ran.stdout).toMatch(
      /Play 1\n {2}\d+ ms {2}ping {2}p.ng\n\nPlay 2\n {2}\d+ ms {2}ping {2}p.ng\n/,
    );
  });

  it('counts without an end', async () => {
    await using server = await answering((_line, count) => String(count));
    const ran = await learn(
      server.endpoint,
      ...['--mapper', file('lines.ts'), '--max-states', '4', '--json'],
    );
    expect(ran.code).toBe(6);
    expect(json(ran)).toMatchObject({
      end: 'the system has more than 4 open states',
      guarantee: null,
    });
  });

  it('needs a mapper that works', async () => {
    await writeFile(
      file('throws.ts'),
      "export const wire = { inputs: { ping: 'p' }, session: () => ({ encode: () => { throw new Error('no idea'); }, decode: () => [] }) };",
    );
    const ran = await learn(endpoint, '--mapper', file('throws.ts'), '--json');
    expect(ran.code).toBe(2);
    expect(JSON.parse(`${ran.stdout}${ran.stderr}`)).toMatchObject({
      error: {
        code: 'MAPPER_FAILED',
        message: expect.stringContaining('encode of the input ping: no idea'),
      },
    });
  });
});

describe('bad input', () => {
  it('is a damaged tree, which is named with its line', async () => {
    const lines = (await readFile(file('first.json.tree'), 'utf8')).split('\n');
    lines[4] = '[[1]';
    await writeFile(file('damaged.tree'), lines.join('\n'));
    const ran = await learn(endpoint, ...timeouts, '--tree', file('damaged.tree'));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('damaged.tree:5: the line is damaged');
    expect(await readFile(file('damaged.tree'), 'utf8')).toBe(lines.join('\n'));
  });

  it('is the tree of another server', async () => {
    const ran = await learn(await gate(), ...timeouts, '--tree', file('first.json.tree'));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(
      `first.json.tree:1: the tree was learned with target "${endpoint}"`,
    );
  });
});
