import { expect, test } from 'vitest';
import { type LadderArrow, renderLadder } from '../../adapters/tester/index.js';

const connect: LadderArrow = { kind: 'connect', from: 'Client', at: 0, message: null };
const said = (at: number, messageName: string, more: object = {}): LadderArrow => ({
  kind: 'message',
  from: 'Client',
  at,
  message: { messageName, referenceId: 1, ...more },
});

test('a ladder draws each message with its sender, time and notes', () => {
  const text = renderLadder([
    connect,
    said(12, 'RequestRegisterClient'),
    { ...said(20, 'EventAck'), from: 'Interaction Server' },
    { kind: 'note', label: 'a timeout expires' },
    {
      ...said(25, 'RequestX'),
      mark: 'differs',
      note: 'The client said RequestX.',
      isWrong: true,
    },
    { kind: 'disconnect', from: 'Interaction Server', at: 12_000, message: null },
    { kind: 'disconnect', from: 'Client', at: 12_001, message: null, detail: 'broken' },
  ]);
  expect(text).toBe(
    [
      '  Client                            Interaction Server',
      '    |                                        |',
      '    | connect                                |',
      '    |--------------------------------------->|       0 ms',
      '    | RequestRegisterClient (reference id 1) |',
      '    |--------------------------------------->|      12 ms',
      '    |              EventAck (reference id 1) |',
      '    |<---------------------------------------|      20 ms',
      '    |                                        |',
      '    |         ~ a timeout expires ~          |',
      '    | RequestX (reference id 1)              |',
      '    |--------------------------------------->|      25 ms  differs',
      '      The client said RequestX.',
      '    |                             disconnect |',
      '    |X---------------------------------------|     12.0 s',
      '    | disconnect: broken                     |',
      '    |---------------------------------------X|     12.0 s',
      '    |                                        |',
      '',
    ].join('\n'),
  );
});

test('a model has no times', () => {
  expect(renderLadder([connect, said(1, 'X')], { times: false })).not.toContain('ms');
});

test('what was said is escaped, and wide only so far', () => {
  const text = renderLadder([said(1, `X\u001b[31m${'y'.repeat(500)}`)]);
  expect(text).not.toContain('\u001b');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(110);
});

test('of many rungs the first and the last are drawn, and the rest are counted', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => said(index, `Message${index}`));
  const text = renderLadder(many, { maxRungs: 10 });
  expect(text).toContain('Message4 ');
  expect(text).toContain('~ 990 more, not drawn ~');
  expect(text).toContain('Message999 ');
  expect(text).not.toContain('Message500');
  const marked = many.map((arrow, index) => (index === 500 ? { ...arrow, isWrong: true } : arrow));
  const wrong = renderLadder(marked, { maxRungs: 10 });
  expect(wrong).toMatch(/494 more, not drawn.*Message499 .*Message500 .*494 more, not drawn/s);
});
