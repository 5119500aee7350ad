import { describe, expect, test } from 'vitest';
import { whereFieldsHelp } from '../../../adapters/cli/analyze/analyze.js';
import { type FilterFlags, filterFrom } from '../../../adapters/cli/analyze/filters.js';
import { whereFields } from '../../../adapters/cli/analyze/where.js';
import { timeSpan, timeText } from '../../../adapters/runtime/times.js';
import { eight, refused, registered } from './seen.js';

const one = registered;
const other = refused(90_000, {
  inferred: ['connect', 'date'],
  mediaType: 'chat',
  proxy: 'proxy-1',
  answeredAfter: 1_500,
  end: '2026-03-02T08:01:35.000',
});
const silent = refused(86_400_000, {
  client: 'Ärger-1',
  verdict: 'silent',
  words: 'never registered (timed out)',
  answeredAfter: null,
  error: null,
  errors: 0,
});

/** Which of the three hold. */
function holding(flags: FilterFlags): string[] {
  const filter = filterFrom(flags);
  const names = { one, other, silent };
  return Object.entries(names).flatMap(([name, session]) => (filter?.(session) ? [name] : []));
}
const where = (...conditions: string[]) => holding({ where: conditions });

test('without a condition there is no filter', () => {
  expect(filterFrom({})).toBeNull();
});

describe('a filter holds', () => {
  test.each<[FilterFlags, string[]]>([
    [{ client: 'desk-1' }, ['one']],
    [{ client: 'desk' }, []],
    [{ client: '*-?' }, ['one', 'other', 'silent']],
    [{ client: '?rger*' }, ['silent']],
    [{ type: 'AgentApplication' }, ['one']],
    [{ type: '*' }, ['one']],
    [{ verdict: 'refused' }, ['other']],
    [{ verdict: 'refused (2a)' }, ['other']],
    [{ verdict: 'Never registered (timed out)' }, ['silent']],
    [{ since: '08:01' }, ['other', 'silent']],
    [{ since: '08:01:30' }, ['other', 'silent']],
    [{ since: '08:01:30.001' }, ['silent']],
    [{ until: '08:00' }, ['one']],
    [{ until: '08:01' }, ['one', 'other']],
    [{ until: '08:01:29' }, ['one']],
    [{ since: '2026-03-02', until: '2026-03-02' }, ['one', 'other']],
    [{ since: '2026-03-02 08:01' }, ['other', 'silent']],
    [{ until: '2026-03-02T08:01:30.000Z' }, ['one', 'other']],
    [{ since: '2026-03-02T10:01:30+02:00' }, ['other', 'silent']],
    [{ since: '08:01', verdict: 'refused', client: 'k*' }, ['other']],
    [{ since: '08:01', verdict: 'refused', client: 'desk*' }, []],
  ])('%j of %j', (flags, expected) => {
    expect(holding(flags)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['answeredAfter>1000', ['other']],
    ['answeredAfter >= 1500', ['other']],
    ['answeredAfter>1s', ['other']],
    ['answeredAfter<2', []],
    ['answeredAfter<=2', ['one']],
    ['answeredAfter!=2', ['other', 'silent']],
    ['answeredAfter=null', ['silent']],
    ['answeredAfter!=null', ['one', 'other']],
    ['errors>=1', ['other']],
    ['error.code=2', ['other']],
    ['error.text~NOT VALID', ['other']],
    ['error.text=null', ['one', 'silent']],
    ['mediaType=chat', ['other']],
    ['mediaType!=chat', ['one', 'silent']],
    ['proxy~proxy', ['other']],
    ['inferred~conn', ['other']],
    ['inferred=date', ['other']],
    ['inferred!=date', ['one', 'silent']],
    ['client=Ärger-1', ['silent']],
    ['client>e', ['other', 'silent']],
    ['start=2026-03-02', ['one', 'other']],
    ['start>08:00', ['other', 'silent']],
    ['start>08:01', ['silent']],
    ['start<2026-03-02 08:01:30', ['one']],
    ['start<=2026-03-02 08:01', ['one', 'other']],
    ['end>=08:01:30', ['other']],
    ['figure=1', ['one']],
  ])('--where %j', (condition, expected) => {
    expect(where(condition)).toEqual(expected);
  });

  test('only where all of its conditions hold', () => {
    expect(where('errors<=1', 'client~k')).toEqual(['one', 'other']);
    expect(where('errors<=1', 'client~k', 'errors=1')).toEqual(['other']);
  });
});

test('a time of day is of the day of the first session that is asked about', () => {
  const filter = filterFrom({ since: '08:01' });
  expect(filter?.(silent)).toBe(false);
  expect(filter?.({ ...silent, startedAt: silent.startedAt + 60_000 })).toBe(true);
});

describe('an invalid condition is reported with the allowed values', () => {
  const forms =
    'allowed: 2026-03-02 08:00:01.100, 2026-03-02T08:00:01.100Z, with less of the time or none of it, or 08:00 and 08:00:01 of the first day';
  test.each<[FilterFlags, string]>([
    [
      { verdict: '2a' },
      '--verdict is "2a"; allowed: open (waiting to register), registered, refused (refused (2a)), spoke-first (sent a message before registering (2b)), ',
    ],
    [{ since: 'noon' }, `--since is "noon"; ${forms}`],
    [{ until: '2026-02-31' }, `--until is "2026-02-31"; ${forms}`],
    [{ until: '24:00' }, `--until is "24:00"; ${forms}`],
    [{ until: '08:00Z' }, `--until is "08:00Z"; ${forms}`],
    [{ until: '2026-03-02 08:00 1' }, `--until is "2026-03-02 08:00 1"; ${forms}`],
    [{ where: ['colour=red'] }, `--where asks for "colour"; allowed: ${whereFields.join(', ')}`],
    [{ where: ['__proto__=1'] }, '--where asks for "__proto__"; allowed: '],
    [
      { where: ['errors'] },
      '--where is "errors"; allowed: FIELD OP VALUE with one of != <= >= = < > ~, e.g. \'answeredAfter>1000\'',
    ],
    [{ where: ['errors>many'] }, '--where compares errors with "many"; allowed: a number, or null'],
    [
      { where: ['answeredAfter>soon'] },
      '--where compares answeredAfter with "soon"; allowed: milliseconds such as 1000, or a duration such as 5s, or null',
    ],
    [{ where: ['start>soon'] }, `--where start is "soon"; ${forms}`],
  ])('%j', (flags, message) => {
    const told = () => filterFrom(flags);
    expect(told).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(told).toThrow(message);
  });
});

test('the fields of the help, of --where and of the JSON are the same', () => {
  expect(whereFieldsHelp.split(/\s+/)).toEqual(whereFields);
  const keys = whereFields.filter((field) => !field.startsWith('error.'));
  const written = Object.keys(registered).filter((key) => key !== 'error');
  expect(new Set(keys)).toEqual(new Set(written));
});

test('a time is read as it is written', () => {
  for (const at of [0, eight, eight + 123, Date.UTC(2024, 1, 29, 23, 59, 59, 999)]) {
    expect(timeSpan('--since', timeText(at))).toEqual({ from: at, to: at, isOfDay: false });
  }
  expect(timeText(Number.NaN)).toBe('-');
});
