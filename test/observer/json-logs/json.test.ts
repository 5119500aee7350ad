import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStructured } from '../../../adapters/files/structured-file.js';
import { jsonFormat, readMapping } from '../../../adapters/observer/json-logs/index.js';
import { mappingIn } from '../../../adapters/observer/json-logs/mapping.js';
import { timeOf } from '../../../adapters/observer/json-logs/time-of.js';
import { observeText, readText } from './reading.js';

const mappingOf = (yaml: string) => mappingIn(parseStructured('map.yaml', yaml));
const linesOf = (...objects: object[]) =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join('');

const service = `
time: meta.time
connection: conn
event: what
connected: open
disconnected: [close, reset]
client: recv
server: send
message: data
attributes: { name: clientName }
`;
const proxy = `
time: start
connection: id
event: [dir, state]
connected: accepted
disconnected: closed
client: ">"
server: "<"
closedBy: { field: by, client: downstream, server: upstream }
message: { name: op, attributes: args }
messages: { REGISTER: RequestRegisterClient, OK: EventAck, DENIED: EventError }
`;

const meta = (seconds: number) => ({ meta: { time: `2026-07-25T14:30:0${seconds}.134Z` } });
const request = { messageName: 'RequestRegisterClient', referenceId: 1, name: 'desk-1' };
const registered = linesOf(
  { ...meta(1), conn: 17, what: 'open' },
  { ...meta(2), conn: 17, what: 'recv', data: request },
  { ...meta(2), conn: 17, what: 'note', data: 'nothing of a connection' },
  { ...meta(3), conn: 17, what: 'send', data: '{"messageName":"EventAck","referenceId":1}' },
  { ...meta(9), conn: 17, what: 'reset' },
);

describe('JSON lines of another program, by a mapping', () => {
  it('are read where the message is an object, or a text of JSON', () => {
    const { sessions, steps, counts } = observeText(jsonFormat(mappingOf(service)), registered);
    expect(sessions.get('17')).toMatchObject({
      client: 'desk-1',
      answeredAfter: 1_000,
      inferred: [],
      summary: { verdict: 'registered', startedAt: Date.parse('2026-07-25T14:30:01.134Z') },
    });
    expect(steps.map(({ name }) => name)).toEqual([
      'Connected',
      'RequestRegisterClient',
      'EventAck',
      'Disconnected',
    ]);
    expect(steps[2]?.observed).toMatchObject({ file: 'a.jsonl', line: 4 });
    expect(counts).toEqual({ read: 5, used: 4, ignored: 1, damaged: 0 });
  });

  it('are read where a message is in pieces, numbers are texts and two fields tell what a line is', () => {
    const start = 1_784_989_803.134;
    const text = linesOf(
      { start, id: 'c-9', state: 'accepted', dir: null },
      {
        start: start + 1,
        id: 'c-9',
        dir: '>',
        op: 'REGISTER',
        args: { referenceId: '1', clientName: 'desk-9' },
      },
      {
        start: start + 2,
        id: 'c-9',
        dir: '<',
        op: 'DENIED',
        args: { referenceId: '1', errorCode: '7', errorDescription: '12' },
      },
      { start: start + 7, id: 'c-9', state: 'closed', by: 'upstream' },
    );
    const { sessions, steps } = observeText(jsonFormat(mappingOf(proxy)), text);
    expect(sessions.get('c-9')).toMatchObject({
      client: 'desk-9',
      inferred: ['deadline'],
      summary: { verdict: 'refused', error: { code: 7, text: '12' }, reason: 'rejection-timeout' },
    });
    expect(sessions.get('c-9')?.rejectionDeadline).toBeCloseTo(5_000, 2);
    expect(steps.map(({ referenceId }) => referenceId)).toEqual([null, 1, 1, null]);
    expect(steps[0]?.at).toBeCloseTo(1_784_989_803_134, 2);
  });

  it('do not name the closing side when the mapping lacks its value', () => {
    const text = linesOf({ start: 1, id: 1, state: 'closed', by: 'unmapped' });
    const { events } = readText(jsonFormat(mappingOf(proxy)), text);
    expect(events).toMatchObject([{ type: 'began', isWhole: false }, { by: null }]);
  });

  it('cost no more than themselves where they are damaged, and what was said is missing', () => {
    const format = jsonFormat(mappingOf(service));
    const bad = [
      { conn: 1, what: 'open' },
      { ...meta(1), what: 'open' },
      { ...meta(1), conn: {}, what: 'open' },
      { ...meta(1), conn: 1, what: 'recv' },
      { ...meta(1), conn: 1, what: 'recv', data: 'text' },
      { ...meta(1), conn: 1, what: 'recv', data: '[1]' },
      { ...meta(1), conn: 1, what: 'recv', data: [1] },
      { ...meta(1), conn: 1, what: 'recv', data: {} },
      {
        ...meta(1),
        conn: 1,
        what: 'recv',
        data: JSON.parse(`${'['.repeat(1_500)}${']'.repeat(1_500)}`),
      },
    ];
    const nested = `{"messageName":"x","a":${'['.repeat(1_500)}${']'.repeat(1_500)}}`;
    const text = { ...meta(1), conn: 1, what: 'recv', data: nested };
    const { damages, events, counts } = readText(
      format,
      `${registered}${linesOf(...bad, text)}text\n{"a`,
    );
    expect(damages.map(({ reason }) => reason)).toEqual([
      'meta.time is not a time',
      'no conn',
      'no conn',
      'no data',
      'the message is not JSON',
      'the message is not an object',
      'data is not a message',
      'a message without a name',
      'nested deeper than 200',
      'nested deeper than 200',
      'not JSON',
    ]);
    const missing = events.flatMap((event) => (event.type === 'missing' ? [event.reason] : []));
    expect(missing).toEqual([...Array(10).fill('damaged'), 'cut']);
    expect(counts).toEqual({ read: 17, used: 4, ignored: 2, damaged: 11 });
  });

  it('find a field by its whole name first, and nothing that it has not itself', () => {
    const format = jsonFormat(mappingOf(service.replace(': conn', ': constructor')));
    const line = { 'meta.time': 5, meta: { time: 6 }, what: 'open' };
    expect(readText(format, linesOf(line)).damages).toMatchObject([{ reason: 'no constructor' }]);
    const inherited = jsonFormat(mappingOf(service.replace(': data', ': constructor')));
    const { damages } = readText(inherited, linesOf({ ...meta(1), conn: 1, what: 'recv' }));
    expect(damages).toMatchObject([{ reason: 'no constructor' }]);
    const { events } = readText(format, linesOf({ ...line, constructor: 'c' }));
    expect(events.at(-1)).toMatchObject({ type: 'connected', at: 5_000, peer: { label: 'c' } });
  });

  it('are read where a name is an object that has no text', () => {
    const odd = { toString: false };
    const lines = [
      { ...meta(1), conn: 17, what: odd },
      { ...meta(2), conn: 17, what: 'recv', data: { ...request, messageName: odd } },
      { start: 1, id: 18, dir: 'in', state: 'closed', by: odd },
    ];
    const { counts } = readText(jsonFormat(mappingOf(service)), linesOf(...lines));
    expect(counts).toEqual({ read: 3, used: 0, ignored: 2, damaged: 1 });
    const { counts: closed } = readText(
      jsonFormat(mappingOf(proxy)),
      linesOf({ start: 1, id: 18, dir: '', state: 'closed', by: odd }),
    );
    expect(closed.used + closed.ignored).toBe(1);
  });

  it('are marked where they were not UTF-8', () => {
    const events: unknown[] = [];
    const sink = { event: (event: unknown) => events.push(event), damage: () => {} };
    const reader = jsonFormat(mappingOf(service)).open({ file: '-', name: null }, sink);
    reader.take(registered.slice(0, registered.indexOf('\n')), true);
    reader.skip('longer than is read');
    expect(events).toMatchObject([
      { type: 'began', inferred: ['encoding'] },
      { type: 'connected', inferred: ['encoding'] },
      { type: 'missing', reason: 'damaged', inferred: [] },
    ]);
    expect(reader.counts).toEqual({ read: 2, used: 1, ignored: 0, damaged: 1 });
  });

  it('are distinguished from lines that the mapping does not fit', () => {
    const format = jsonFormat(mappingOf(service));
    const head = registered.split('\n');
    expect(format.recognises(head)).toBe(true);
    expect(format.recognises(['{"other":1}', 'text', '[{"conn":1}]'])).toBe(false);
    const source = { file: '-', name: null };
    expect(format.startOf(head, source)).toBe(Date.parse('2026-07-25T14:30:01.134Z'));
    expect(format.startOf(['{}'], source)).toBe(null);
  });
});

describe('A time in a log', () => {
  it.each([
    ['2026-07-25T14:30:03.134Z', '2026-07-25T14:30:03.134Z'],
    ['2026-07-25 14:30:03,134', '2026-07-25T14:30:03.134Z'],
    ['2026-07-25T14:30', '2026-07-25T14:30:00.000Z'],
    ['2026-07-25T16:30:03+0200', '2026-07-25T14:30:03.000Z'],
    ['2026-07-25T16:30:03.5 +02:00', '2026-07-25T14:30:03.500Z'],
    [1_784_989_803, '2026-07-25T14:30:03.000Z'],
    ['1784989803.134', '2026-07-25T14:30:03.134Z'],
    [1_784_989_803_134, '2026-07-25T14:30:03.134Z'],
    [1_784_989_803_134_000, '2026-07-25T14:30:03.134Z'],
    ['1784989803134000000', '2026-07-25T14:30:03.134Z'],
  ])('%s is %s', (written, meant) => {
    expect(new Date(timeOf(written) ?? Number.NaN).toISOString()).toBe(meant);
  });

  it.each([
    '',
    'now',
    '12:00',
    '2026-13-01T00:00Z',
    -1,
    Number.NaN,
    1e300,
    '9'.repeat(400),
    null,
    {},
  ])('%j is not a time', (written) => expect(timeOf(written)).toBe(null));

  it('keeps what is finer than a millisecond', () => {
    expect(timeOf('1970-01-01T00:00:00.0005Z')).toBe(0.5);
    expect(timeOf('1970-01-01T00:00:00.285Z')).toBe(285);
  });
});

describe('A mapping file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ixgate-mapping-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is JSON or YAML', async () => {
    await writeFile(join(folder, 'map.yaml'), service);
    const mapping = await readMapping('map.yaml', folder);
    await writeFile(join(folder, 'map.json'), JSON.stringify(mapping));
    expect(await readMapping('map.json', folder)).toEqual(mapping);
    await expect(readMapping('none.yaml', folder)).rejects.toThrow(
      'none.yaml: cannot be read: file not found',
    );
  });

  it.each([
    [`${service}tme: ts`, /^map.yaml:11: unknown key tme. Did you mean time\? Known: time, /],
    ['time: ts', /^map.yaml:1: connection is missing; allowed: an object with time, connection, /],
    [service.replace('meta.time', '7'), /^map.yaml:2: time is 7; allowed: the way to a field/],
    [
      service.replace('data', '{ nam: op }'),
      /^map.yaml:9: unknown key message.nam. Did you mean name\?|message.name is missing; allowed: an object with name/,
    ],
    [
      service.replace('data', '[op]'),
      /^map.yaml:9: message is \["op"\]; allowed: the way .* or an object with name/,
    ],
    [service.replace('what', '{}'), /^map.yaml:4: event is {}; allowed: .* a list of such/],
    [service.replace('recv', '{}'), /^map.yaml:7: client is {}; allowed: a text, a number/],
    [service.replace('clientName', '7'), /^map.yaml:10: attributes.name is 7; allowed: an object/],
    [
      proxy.replace('field: by', 'feld: by'),
      /^map.yaml:9: (unknown key closedBy.feld. Did you mean field\?|closedBy.field is missing)/,
    ],
    ['[]', /^map.yaml:1: the file is empty; allowed: an object with time, /],
    ['', /the file is .*; allowed: an object with time, /],
  ])('says which key is wrong, and what is right: case %#', (text, problem) => {
    expect(() => mappingOf(text)).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
    expect(() => mappingOf(text)).toThrow(problem);
  });
});
