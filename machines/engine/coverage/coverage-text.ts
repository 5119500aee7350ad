/** Coverage files: one JSON object with the version of its format. */
import * as v from 'valibot';
import { abridged, visible } from '../../text/format.js';
import type { Edge } from '../table/edges.js';
import { type CoveredChart, pairsOf } from './chart-steps.js';
import { type ChartCoverage, type CoverageJson, coverageVersion } from './coverage.js';
import { knownPartOf } from './known-names.js';

/** The result of parsing: a coverage, or the problem as the end of a sentence after the file's name: `is cut off: ...`. */
export type Parsed<Coverage> =
  | { readonly coverage: Coverage; readonly problem: null }
  | { readonly coverage: null; readonly problem: string };

/** The coverage as the text of a file, with a line end. Equal counts are equal texts. */
export function coverageText(coverage: { toJSON(): CoverageJson }): string {
  return `${JSON.stringify(coverage, null, 2)}\n`;
}

/** Whether the beginning of a text is that of a coverage file of any version. */
export function isCoverageText(text: string): boolean {
  return /^\uFEFF?\s*\{\s*"coverage"\s*:/.test(text);
}

const wholeNumber = 'a whole number from 0';
const amount = v.pipe(
  v.number(wholeNumber),
  v.safeInteger(wholeNumber),
  v.minValue(0, wholeNumber),
);
const amounts = v.record(v.string(), amount, 'an object');
const seatSchema = v.object(
  {
    sessions: amount,
    steps: amount,
    foreign: amount,
    states: amounts,
    transitions: amounts,
    pairs: amounts,
    guards: v.optional(amounts),
  },
  'an object',
);

/**
 * Parses the text of a coverage file into an empty coverage of the chart. Never throws. A file of another machine is refused. What another
 * version of the machine counted beyond the chart counts as foreign; for the chart of a protocol it is a problem.
 */
export function parseCoverageInto<
  State extends string,
  E extends Edge,
  Seat extends string,
  Coverage extends ChartCoverage<State, E, Seat>,
>(text: string, coverage: Coverage & ChartCoverage<State, E, Seat>): Parsed<Coverage> {
  const { seats } = coverage.chart;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return wrong(
      isCoverageText(text)
        ? 'is cut off or was edited: invalid JSON. Write it again'
        : 'is not a coverage file: invalid JSON',
    );
  }
  if (typeof value !== 'object' || value === null || !('coverage' in value))
    return wrong('is not a coverage file: it has no "coverage"');
  if (value.coverage !== coverageVersion)
    return wrong(
      `has coverage ${abridged(value.coverage)}, and this ixgate reads coverage ${coverageVersion}. Write it again with this version`,
    );
  const other = otherMachine(
    'machine' in value ? value.machine : undefined,
    coverage.chart.machine,
  );
  if (other !== null) return wrong(other);
  const names = v.picklist(seats, `seats named ${seats.join(', ')}`);
  const fileSchema = v.object({
    coverage: v.literal(coverageVersion),
    seats: v.record(names, seatSchema, 'an object'),
  });
  const read = v.safeParse(fileSchema, value);
  if (!read.success) return wrong(sentenceOf(read.issues[0]));
  const json = read.output as CoverageJson<Seat>;
  if (coverage.chart.machine !== undefined) {
    coverage.mergeJson(knownPartOf(json, coverage.chart));
    return { coverage, problem: null };
  }
  const unknown = unknownNameIn(json, coverage.chart);
  if (unknown !== undefined)
    return wrong(
      `counts ${abridged(unknown, 120)}, which this chart does not have: another version of ixgate wrote it. Write it again with this one`,
    );
  coverage.mergeJson(json);
  return { coverage, problem: null };
}

/** Why a file does not count for a chart. */
function otherMachine(written: unknown, expected: string | undefined): string | null {
  if (written === expected) return null;
  const asked =
    expected === undefined ? 'the registration chart' : `the machine ${shownId(expected)}`;
  if (written === undefined) {
    return `counts the registration chart, and not ${asked}. Leave out --machine, or give a file of this machine`;
  }
  return `counts the machine ${shownId(written)}, and not ${asked}. Give its machine (--machine)`;
}

function shownId(id: unknown): string {
  return abridged(id, 80);
}

function wrong(problem: string): Parsed<never> {
  return { coverage: null, problem };
}

/** `has -1 at seats.server.steps; allowed: a whole number from 0`. */
function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const path = issue.path ?? [];
  const where = visible(path.map(({ key }) => String(key)).join('.')).slice(0, 160);
  if (issue.input === undefined) return `has no ${where}. Write it again`;
  const last = path.at(-1);
  const isKey = last !== undefined && 'origin' in last && last.origin === 'key';
  const value = abridged(isKey ? last.key : issue.input);
  return `has ${value} at ${where}; allowed: ${issue.message}. Write it again`;
}

/** The first name in a file that the chart does not have. */
function unknownNameIn<State extends string, E extends Edge, Seat extends string>(
  { seats }: CoverageJson<Seat>,
  chart: CoveredChart<State, E, Seat>,
): string | undefined {
  const states: ReadonlySet<string> = new Set(chart.states);
  const edges = new Set(chart.edges.map(({ id }) => id));
  const pairs = pairsOf(chart);
  for (const seat of chart.seats) {
    const counts = seats[seat];
    if (!counts) continue;
    const unknown =
      Object.keys(counts.states).find((name) => !states.has(name)) ??
      Object.keys(counts.transitions).find((name) => !edges.has(name)) ??
      Object.keys(counts.pairs).find((name) => !pairs.has(name));
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}
