/** The option rows of the limits, made from the limit table of the server. */
import type * as v from 'valibot';
import { durationText, sizeText } from '../runtime/quantities.js';
import {
  type LimitName,
  type LimitRow,
  type LimitValue,
  limitNames,
  limitTable,
  rangeOf,
} from '../server/limits/index.js';
import { kebab, type OptionRow } from './option-row.js';
import {
  durationOf,
  numberOf,
  prefixLengths,
  rate,
  risingRefusal,
  sizeOf,
  sources,
} from './readings.js';

/** The row of a limit. Its schema reads what the library takes. */
type LimitOption<Row extends LimitRow> = OptionRow & {
  readonly group: Row['group'];
  readonly schema: v.GenericSchema<unknown, Exclude<LimitValue<Row>, null>>;
  readonly default: null extends Row['default'] ? null : string | readonly string[];
};

/** What a row has beside its group, default and description. */
type Reading = Pick<OptionRow, 'kind' | 'schema' | 'argument' | 'allowed'>;

/** The greatest number and the longest time that `ixgate serve` takes; in milliseconds. */
const maxCount = 1_000_000;
const maxDuration = 24 * 86_400_000;

function readingOf(row: LimitRow): Reading {
  const min = rangeOf(row)?.min ?? 1;
  switch (row.kind) {
    case 'count': {
      const max = row.serveMax ?? maxCount;
      const allowed = `${min} to ${max}`;
      return { kind: 'value', schema: numberOf(min, max), argument: '<number>', allowed };
    }
    case 'duration': {
      const range = { min: durationText(min), max: durationText(row.serveMax ?? maxDuration) };
      const allowed = `${range.min} to ${range.max}`;
      return { kind: 'value', schema: durationOf(range), argument: '<duration>', allowed };
    }
    case 'size': {
      const range = { min: sizeText(min), max: sizeText(row.serveMax ?? Number.NaN) };
      const allowed = `${range.min} to ${range.max}`;
      return { kind: 'value', schema: sizeOf(range), argument: '<size>', allowed };
    }
    case 'rate': {
      const allowed = 'rate and burst 1 to 1000000';
      return { kind: 'value', schema: rate, argument: '<n:burst>', allowed };
    }
    case 'early-refusal': {
      const allowed = '1 to 1000000, 0 to 100, FROM to 1000000';
      return { kind: 'value', schema: risingRefusal, argument: '<from:percent:full>', allowed };
    }
    case 'prefix-lengths': {
      const allowed = '0 to 32, 0 to 64';
      return { kind: 'value', schema: prefixLengths, argument: '<v4:v6>', allowed };
    }
    case 'sources':
      return { kind: 'list', schema: sources, argument: '<address|block|none>' };
  }
}

/** A default as it would stand in the file. */
function defaultText({ kind, default: value }: LimitRow): OptionRow['default'] {
  if (value === null || Array.isArray(value)) return value;
  if (typeof value === 'object') return Object.values(value).join(':');
  if (kind === 'duration') return durationText(value);
  return kind === 'size' ? sizeText(value) : String(value);
}

/** Limits that a description names; `exempt` is an adjective there. */
const named = new RegExp(
  `\\b(${limitNames.filter((name) => name !== 'exempt').join('|')})\\b`,
  'g',
);

function optionOf(row: LimitRow): OptionRow {
  return {
    ...readingOf(row),
    group: row.group,
    default: defaultText(row),
    description: row.description.replace(named, (name) => `--${kebab(name)}`),
    ...(row.otherwise !== undefined && { otherwise: row.otherwise }),
  };
}

export const limitOptions = Object.fromEntries(
  limitNames.map((name) => [name, optionOf(limitTable[name])]),
) as { readonly [Name in LimitName]: LimitOption<(typeof limitTable)[Name]> };
