/** A difference, attached to the step of the case that shows it. */
import {
  describeObserved,
  type ObservedArrow,
} from '../../../machines/registration/figures/observed.js';
import type { ServerFinding } from '../../../machines/registration/figures/server-findings.js';
import type { ExpectedStep } from '../../../machines/registration/sut/server-model.js';
import { figuresOf } from './documented-edges.js';
import type { CaseDifference, CaseDifferenceCode } from './result.js';

/** A step of a case as it is played. */
export interface PlayedStep {
  readonly index: number;
  readonly step: ExpectedStep;
  /** What the tester sent in it, in words; null when it sent nothing. */
  readonly sent: string | null;
  /** The reference id of a message that was sent. */
  readonly referenceId: number | null;
  /** When it was sent, in milliseconds since the connect. */
  readonly at: number;
}

/** What a step adds to a finding. */
export interface FindingContext {
  /** The transitions of the chart that the server violates. */
  readonly edges: readonly string[];
  /** @default 'nothing more' */
  readonly expected?: string;
  /** @default null: nothing came */
  readonly seen?: ObservedArrow | null;
  /** The configuration of the client. @default the one in which the step began */
  readonly from?: string;
}

export function stepDifference(
  { index, step }: PlayedStep,
  { code, sentence }: ServerFinding<CaseDifferenceCode>,
  { edges, expected = 'nothing more', seen = null, from = step.from }: FindingContext,
): CaseDifference {
  return {
    code,
    index,
    input: step.input,
    from,
    expected,
    came: seen ? describeObserved(seen) : 'nothing',
    sentence: sentence.replace(/\s+/g, ' '),
    edges,
    figures: [...new Set(edges.flatMap((edge) => figuresOf(edge, from, step.input)))],
  };
}
