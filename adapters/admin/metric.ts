import type { DurationCounts } from '../server/index.js';

/** A value with its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric whose value is read on request. */
export interface ReadMetric {
  /** Names that end in `_total` are counters, other names are gauges. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** A number for a metric without labels; else all samples, so that all series exist from the start. */
  read(): number | readonly Sample[] | Promise<number | readonly Sample[]>;
}

/** A histogram of durations that the gate counts itself, so that those of workers can be added. */
export interface ReadHistogram {
  /** It ends in `_seconds`. */
  readonly name: string;
  readonly help: string;
  /** Its durations among the counts of the gate. */
  readonly of: 'registrationDurations' | 'validationDurations';
  counts(): DurationCounts;
}

/** The samples of a label. @param counts a number for each value of the label */
export function by(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([of, value]) => ({ labels: { [label]: of }, value }));
}

/** The type of a metric, by its name. */
export function isCounter(name: string): boolean {
  return name.endsWith('_total');
}
