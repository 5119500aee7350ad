import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { serveKeys, serveOptions } from '../../adapters/config/index.js';
import {
  type Proofs,
  promiseRow,
  promises,
  proofs,
  withReliability,
} from '../../scripts/reliability-tables.js';

let page: string;
let found: Proofs;
let rows: { readonly number: number; readonly shown: string; readonly row: string }[];

beforeAll(async () => {
  page = await readFile('docs/reliability.md', 'utf8');
  found = await proofs('test');
  rows = [...page.matchAll(promiseRow)].map(([row, number, , shown]) => ({
    number: Number(number),
    shown: shown ?? '',
    row,
  }));
});

/** The files that a cell names. */
function filesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? '');
}

describe('docs/reliability.md', () => {
  it('has one row for each promise, in their order', () => {
    expect(rows.map(({ number }) => number)).toEqual(
      Array.from({ length: promises }, (_, index) => index + 1),
    );
  });

  it('names for each promise the files whose test titles have its number, and no others (npm run readme)', () => {
    const wrong = rows.flatMap(({ number, shown }) => {
      const there = found.get(number) ?? [];
      const named = filesIn(shown);
      return [
        ...named
          .filter((file) => !there.includes(file))
          .map((file) => `T${number} names ${file}, which has no test of that number`),
        ...there
          .filter((file) => !named.includes(file))
          .map((file) => `T${number} does not name ${file}, which has a test of that number`),
      ];
    });
    const unknown = [...found.keys()].filter((number) => number < 1 || number > promises);
    expect([...wrong, ...unknown.map((number) => `there is no promise T${number}`)]).toEqual([]);
  });

  it('has the commands and the table of limits that the program has (npm run readme)', () => {
    expect(page).toBe(withReliability(page, found));
  });

  it('has a test and, where one is due, a figure for each promise', () => {
    const missing = rows.flatMap(({ number, row }) => [
      ...(row.includes('TO COME') ? [`T${number} has no test`] : []),
      ...(row.includes('TO MEASURE') ? [`T${number} has no figure`] : []),
    ]);
    const elsewhere = page
      .split('\n')
      .filter((line) => /TO COME|TO MEASURE/.test(line) && !/^\| T\d+ \|/.test(line));
    expect([...missing, ...elsewhere]).toEqual([]);
  });

  it('names the document that each footnote stands for, and uses each', () => {
    const defined = [...page.matchAll(/^\[\^([\w-]+)\]: /gm)].map(([, name]) => name);
    const used = new Set([...page.matchAll(/\[\^([\w-]+)\](?!:)/g)].map(([, name]) => name));
    expect(defined.length).toBeGreaterThan(10);
    expect([...used].filter((name) => !defined.includes(name))).toEqual([]);
    expect(defined.filter((name) => !used.has(name))).toEqual([]);
  });

  it('compares with options that the program has, and with their defaults', () => {
    const [, comparison = ''] = page.split(/^## [23]\. .*$/m);
    const ours = comparison
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split(' | ')[1] ?? '')
      .join('\n');
    const named = [...ours.matchAll(/`([a-z]\w+)`, (?=(.*))/g)].map(([, name, after]) => ({
      name: name ?? '',
      after: after ?? '',
    }));
    expect(named.length).toBeGreaterThan(20);
    const wrong = named.filter(({ name, after }) => {
      const key = serveKeys.find((one) => one === name);
      const { default: byDefault } = key ? serveOptions[key] : { default: null };
      const value = [byDefault].flat().join(' and ');
      return (
        byDefault === null || !after.startsWith(value) || /^\w/.test(after.slice(value.length))
      );
    });
    expect(wrong).toEqual([]);
  });

  it('has as many cells in each row of a table as in its head', () => {
    const uneven: string[] = [];
    let width = 0;
    for (const line of page.split('\n')) {
      const cells = line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0;
      if (width !== 0 && cells !== 0 && cells !== width) uneven.push(line);
      width = cells;
    }
    expect(uneven).toEqual([]);
  });
});
