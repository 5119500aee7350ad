import fc from 'fast-check';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { StartOrder } from '../../../adapters/cli/analyze/start-order.js';
import { tableHead, tableRow } from '../../../adapters/cli/analyze/table.js';
import { cutTo } from '../../../adapters/runtime/text-table.js';
import { refused, registered } from './seen.js';

const plain = pc.createColors(false);

function ordered(starts: readonly number[], most: number) {
  const rows: number[] = [];
  const order = new StartOrder(most, (text) => rows.push(Number(text)));
  for (const start of starts) order.add(start, String(start));
  const before = rows.length;
  order.end();
  return { rows, before, late: order.late };
}

describe('rows are put in order of start', () => {
  test('whatever the order in which sessions end, as long as they can be held', () => {
    const starts = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });
    fc.assert(
      fc.property(starts, (given) => {
        const { rows, late } = ordered(given, given.length);
        expect(rows).toEqual(given.toSorted((a, b) => a - b));
        expect(late).toBe(0);
      }),
    );
  });

  test('no more of them are held than is allowed; what comes too late is counted', () => {
    expect(ordered([5, 4, 9, 1, 8], 2)).toEqual({ rows: [4, 1, 5, 8, 9], before: 3, late: 1 });
    expect(ordered([2, 1, 3], 0)).toEqual({ rows: [2, 1, 3], before: 3, late: 1 });
  });

  test('of those that started at once the one that ended first comes first', () => {
    const rows: string[] = [];
    const order = new StartOrder(9, (text) => rows.push(text));
    for (const text of ['a', 'b', 'c', 'd']) order.add(1, text);
    order.end();
    expect(rows).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a row of the table', () => {
  test('stands under its heads', () => {
    expect([tableHead(plain), tableRow(registered, plain), tableRow(refused(10), plain)]).toEqual([
      'start                    session     client                type                   answer  ended                  marks  verdict',
      '2026-03-02 08:00:00.000  51@10       desk-1                AgentApplication         2 ms  the client closed             registered',
      '2026-03-02 08:00:00.010  52@10       kiosk-9               -                        1 ms  rejection deadline            refused (2a)',
    ]);
  });

  test('has names of any script in their columns, cut where they are too long', () => {
    const begin = tableRow(registered, plain).indexOf('AgentApplication');
    for (const client of [
      '古'.repeat(30),
      '👩‍👩‍👧‍👦'.repeat(20),
      'e\u0301'.repeat(40),
      'x'.repeat(5_000),
      '',
    ]) {
      const row = tableRow({ ...registered, client }, plain);
      const before = row.slice(0, row.indexOf('AgentApplication'));
      expect(stringWidth(before)).toBe(begin);
      expect(before).toMatch(client === '' ? / - / : /…/);
    }
  });

  test('shows nothing that a terminal would obey', () => {
    const row = tableRow(
      {
        ...registered,
        client: '\u001b[2J\u202e',
        clientType: '\n\r',
        session: '\u0007'.repeat(20),
      },
      plain,
    );
    expect(row).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('says what was inferred and how many findings there are, and why nothing can be decided', () => {
    const words = 'unclear: the log is incomplete (it begins in the middle of the session)';
    const row = tableRow(
      { ...registered, verdict: 'undecided', words, inferred: ['connect'], findings: 12 },
      plain,
    );
    expect(row).toContain(
      '  *!12   unclear: the log is incomplete (it begins in the middle of the session)',
    );
  });

  test('has the colour of its verdict', () => {
    const paint = pc.createColors(true);
    expect(tableRow(registered, paint)).toContain(paint.green('registered'));
    expect(tableRow(refused(), paint)).toContain(paint.red('refused (2a)'));
  });
});

test('a text is cut to terminal columns, never in the middle of a character', () => {
  expect(cutTo('abc', 3)).toBe('abc');
  expect(cutTo('abcd', 3)).toBe('ab…');
  expect(cutTo('古古', 3)).toBe('古…');
  expect(cutTo('古古', 4)).toBe('古古');
  expect(cutTo('a👩‍👩‍👧‍👦b👩‍👩‍👧‍👦', 4)).toBe('a👩‍👩‍👧‍👦…');
});
