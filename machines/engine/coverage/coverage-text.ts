/** A coverage as the text of a file: one JSON object with the version it is written in. */
import * as v from 'valibot';
import { configurations } from '../../registration/chart/configurations.js';
import { registrationEdges } from '../../registration/chart/edges.js';
import { abridged } from '../../registration/chart/messages.js';
import { visible } from '../../text/format.js';
import { Coverage, type CoverageJson, coverageSeats, coverageVersion } from './coverage.js';
import { chartPairs } from './pairs.js';

/** A coverage, or why a text is none, to follow the file's name: `is cut off: ...`. */
export type ParsedCoverage =
  | { readonly coverage: Coverage; readonly problem: null }
  | { readonly coverage: null; readonly problem: string };

/** The coverage as the text of a file, with a line end. The same counts are the same text. */
export function coverageText(coverage: Coverage): string {
  return `${JSON.stringify(coverage, null, 2)}\n`;
}

/** Whether a text is meant as a coverage: as far as its beginning says, and whatever the version. */
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
  },
  'an object',
);
const fileSchema = v.object({
  coverage: v.literal(coverageVersion),
  seats: v.record(
    v.picklist(coverageSeats, `seats named ${coverageSeats.join(', ')}`),
    seatSchema,
    'an object',
  ),
});

/** Reads the text of a coverage file. Never throws. */
export function parseCoverage(text: string): ParsedCoverage {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return wrong(
      isCoverageText(text)
        ? 'is cut off, or was changed by hand: it is not JSON. Write it anew'
        : 'is no coverage file: it is not JSON',
    );
  }
  if (typeof value !== 'object' || value === null || !('coverage' in value))
    return wrong('is no coverage file: there is no "coverage" in it');
  if (value.coverage !== coverageVersion)
    return wrong(
      `has coverage ${abridged(value.coverage)}, and this ixgate reads coverage ${coverageVersion}. Write it anew with this version`,
    );
  const read = v.safeParse(fileSchema, value);
  if (!read.success) return wrong(sentenceOf(read.issues[0]));
  const stranger = strangerIn(read.output as CoverageJson);
  if (stranger !== null)
    return wrong(
      `counts ${abridged(stranger, 120)}, which this chart does not have: another version of ixgate wrote it. Write it anew with this one`,
    );
  return { coverage: Coverage.from(read.output as CoverageJson), problem: null };
}

function wrong(problem: string): ParsedCoverage {
  return { coverage: null, problem };
}

/** `has -1 at seats.server.steps; allowed: a whole number from 0`. */
function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const path = issue.path ?? [];
  const where = visible(path.map(({ key }) => String(key)).join('.')).slice(0, 160);
  if (issue.input === undefined) return `has no ${where}. Write it anew`;
  const last = path.at(-1);
  const isKey = last !== undefined && 'origin' in last && last.origin === 'key';
  const value = abridged(isKey ? last.key : issue.input);
  return `has ${value} at ${where}; allowed: ${issue.message}. Write it anew`;
}

/** The first name that is none of the chart's; null when all of them are. */
function strangerIn({ seats }: CoverageJson): string | null {
  const states: ReadonlySet<string> = new Set(configurations);
  const edges = new Set(registrationEdges.map(({ id }) => id));
  const pairs = chartPairs();
  for (const seat of Object.values(seats)) {
    const named = [
      Object.keys(seat.states).find((name) => !states.has(name)),
      Object.keys(seat.transitions).find((name) => !edges.has(name)),
      Object.keys(seat.pairs).find((name) => !pairs.has(name)),
    ];
    const found = named.find((name) => name !== undefined);
    if (found !== undefined) return found;
  }
  return null;
}
