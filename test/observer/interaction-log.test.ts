import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  interactionServerFormat,
  readAliases,
} from '../../adapters/observer/interaction-log/index.js';
import type { ObservedEvent } from '../../machines/index.js';

/** What a reader tells of some lines. */
function read(lines: readonly string[]) {
  const events: ObservedEvent[] = [];
  const reasons: string[] = [];
  const reader = interactionServerFormat().open(
    { file: 'a.log', name: 'a.log' },
    { event: (event) => events.push(event), damage: ({ reason }) => reasons.push(reason) },
  );
  for (const line of lines) reader.take(line, false);
  reader.end(false);
  return { events, reasons, counts: reader.counts };
}

const stamp = '2026-03-02T08:00:01.010';
const block = (...attributes: string[]) => [
  `${stamp} Trc 26015 Received message 'RequestSubmit' (101) from client 'desk-1', message attributes:`,
  ...attributes.map((attribute) => `\t${attribute}`),
];
const messageOf = (lines: readonly string[]) =>
  read(lines).events.find((event) => event.type === 'said')?.message;

describe('The attributes of a message', () => {
  test('have the names of the wire, known ones by a table and others in camel case', () => {
    expect(
      messageOf(
        block(
          'attr_ref_id [int] = 7',
          'attr_error_desc [str] = "no"',
          'attr_place_agent_state [int] = 2 [Ready]',
          '\'attr_As Written\' [str] = "x"',
        ),
      ),
    ).toEqual({
      messageName: 'RequestSubmit',
      referenceId: 7,
      errorDescription: 'no',
      placeAgentState: 'Ready',
      'attr_As Written': 'x',
    });
  });

  test('may hold lists within lists, as far as they are indented', () => {
    expect(
      messageOf(
        block(
          'attr_outer [list] = ',
          "\t'inner' [list] = ",
          "\t\t'deep' [int] = 1",
          '\t\'beside\' [str] = "b"',
          'attr_after [int] = 2',
        ),
      ),
    ).toMatchObject({ outer: { inner: { deep: 1 }, beside: 'b' }, after: 2 });
  });

  test('may have texts of several lines, with quotes in them', () => {
    const lines = [
      ...block('attr_a [str] = "one', 'attr_b [str] = "x'),
      'two "quoted"',
      '"',
      '\tattr_c [str] = "first"',
      '"second"',
    ];
    lines.splice(2, 1, 'still one"', '\tattr_b [str] = "x');
    expect(messageOf(lines)).toMatchObject({
      a: 'one\nstill one',
      b: 'x\ntwo "quoted',
      c: 'first\nsecond',
    });
  });

  test('never become what an object has by nature', () => {
    const message = messageOf(block("'__proto__' [list] = ", "\t'polluted' [int] = 1"));
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each([
    ['attr_a', 'no name and value: "attr_a"'],
    ['attr_a = 5', 'no name, type and value: "attr_a"'],
    ['attr_a [int] 5', 'no name, type and value: "attr_a [int] 5"'],
    ['attr_a [int] x = 5', 'no value: "attr_a [int] x"'],
    ['attr_a [int] =', 'a has no value'],
    ['attr_a [str] = "\0"', 'NUL bytes'],
  ])('that cannot be read cost their message: %j', (attribute, reason) => {
    const { reasons, events, counts } = read([...block(attribute), '\tattr_b [int] = 1']);
    expect(reasons).toEqual([reason]);
    expect(events.at(-1)).toMatchObject({
      type: 'missing',
      reason: 'damaged',
      peer: { label: 'desk-1' },
    });
    expect(counts).toEqual({ read: 3, used: 0, ignored: 0, damaged: 3 });
  });

  test('without end are damaged, and no more is kept of them', () => {
    const many = Array.from({ length: 10_001 }, (_, index) => `attr_a${index} [int] = 1`);
    expect(read(block(...many)).reasons).toEqual([
      'a message of more than 10000 lines or 1000000 characters',
    ]);
  });
});

test('A message whose last line is cut off is not told: something is missing there', () => {
  const events: ObservedEvent[] = [];
  const sink = { event: (event: ObservedEvent) => events.push(event), damage: () => {} };
  const reader = interactionServerFormat().open({ file: 'a.log', name: 'a.log' }, sink);
  for (const line of block('attr_ref_id [int] = 1', 'attr_client_type [int] = 2 [Agent')) {
    reader.take(line, false);
  }
  expect(reader.counts).toEqual({ read: 3, used: 3, ignored: 0, damaged: 0 });
  reader.end(true);
  expect(events.map(({ type }) => type)).toEqual(['began', 'missing']);
  expect(events.at(-1)).toMatchObject({ reason: 'cut', peer: { label: 'desk-1' } });
});

describe('A record', () => {
  test.each([
    ['04520 New client 51 connected', { type: 'connected', peer: { label: '51' } }],
    ['04520 New client connected', { type: 'connected', peer: { label: '#1' } }],
    ["26450 New client '7' connected on port default", { type: 'connected', peer: { label: '7' } }],
    ["04524 Client 'a b' disconnected", { type: 'disconnected', peer: { label: 'a b' }, by: null }],
    ["26010 Closing ... client 'a'", { type: 'disconnected', peer: { label: 'a' }, by: 'server' }],
    [
      "22017 Logged out, client 'a'",
      { type: 'disconnected', by: 'server', reason: 'server-closed' },
    ],
    [
      '26103 New media server registered, client name: a b media type: chat',
      { type: 'registered', peer: { label: 'a b' } },
    ],
    [
      "26102 New agent application registered, client name: 'a'",
      { type: 'registered', peer: { label: 'a' } },
    ],
    [
      "26008 Unknown client identifier in RequestUnregisterClient, client 'a'",
      { type: 'reported', code: 'unknown-client-unregistered' },
    ],
    ["04524 Client '****' disconnected", { type: 'missing', reason: 'masked' }],
  ])('%s', (text, event) => {
    const { events } = read([`${stamp} Trc ${text}`]);
    expect(events.at(-1)).toMatchObject({ at: Date.UTC(2026, 2, 2, 8, 0, 1, 10), ...event });
  });

  test.each(['24:00:00.000', '08:60:00.000', '2026-02-30T08:00:00.000', '2026-13-01 08:00:00.000'])(
    'at a time that cannot be is damaged: %s',
    (time) => {
      expect(read([`${time} Trc 04520 New client 1 connected`]).reasons).toEqual([
        'a time that cannot be',
      ]);
    },
  );

  test.each(['', 'Dear diary', '08:00', '1', 'Trc 04520 New client 1 connected'])(
    'needs a time; ignored: %j',
    (line) => {
      expect(read([line]).counts).toMatchObject({ ignored: 1 });
    },
  );
});

test('Invalid aliases are reported with the line, the key and the allowed values', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ixgate-aliases-'));
  const path = join(folder, 'aliases.yaml');
  const problemOf = async (text: string) => {
    await writeFile(path, text);
    return readAliases(path).catch((error: Error) => error.message.replace(folder, ''));
  };
  expect(await problemOf('attribute:\n  a: b\n')).toBe(
    '/aliases.yaml:2: unknown key attribute. Did you mean attributes? Known: attributes, messages, texts',
  );
  expect(await problemOf("texts:\n  '26010': gone\n")).toMatch(
    /^\/aliases\.yaml:2: texts\.26010 is "gone"; allowed: connected, disconnected, /,
  );
  await rm(folder, { recursive: true });
});
