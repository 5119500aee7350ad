import type { ObservedArrow, StepRecord } from '../../../machines/index.js';
import type { Violation } from './judge.js';
import type { ClientPath, ClientPathId } from './paths.js';
import {
  always,
  clientRequirements,
  type Requirement,
  type RequirementId,
} from './requirements.js';

/** `not-reached` is neither: it was not put to the test. */
export type ClientVerdict = 'held' | 'violated' | 'not-reached';

/** One path, played on one connection; or not, because nobody came. */
export interface PathRun {
  readonly path: ClientPath;
  readonly verdict: ClientVerdict;
  /** Everything that was seen, in order, redacted; nothing where it was not reached. */
  readonly seen: readonly ObservedArrow[];
  /** The same as the chart took it in the server's seat: a recording. */
  readonly steps: readonly StepRecord[];
  /** What it put to the test. */
  readonly tested: ReadonlySet<RequirementId>;
  readonly violations: readonly Violation[];
  /** Milliseconds from the connect to the end. */
  readonly elapsed: number;
  /** How it ended, or why it was not reached; not escaped. */
  readonly ending: string;
}

/** What came of one requirement on all paths. */
export interface RequirementResult {
  readonly requirement: Requirement;
  readonly verdict: ClientVerdict;
  /** One for each path that shows it. */
  readonly violations: readonly (Violation & { readonly path: ClientPathId })[];
}

export interface ClientConformance {
  /** `violated` where any requirement is; else `not-reached` where any path or requirement is. */
  readonly verdict: ClientVerdict;
  /** In the order in which they were chosen. */
  readonly paths: readonly PathRun[];
  /** Those that the chosen paths put to the test. */
  readonly requirements: readonly RequirementResult[];
}

/**
 * Adds up what was seen on all paths.
 * @param isJudged whether a requirement is judged at all in this run.
 */
export function resultOf(
  paths: readonly PathRun[],
  isJudged: (id: RequirementId) => boolean,
): ClientConformance {
  const asked = new Set<RequirementId>([...always, ...paths.flatMap(({ path }) => path.tests)]);
  const requirements = clientRequirements.flatMap((requirement): RequirementResult[] => {
    const { id } = requirement;
    const violations = paths.flatMap((run) =>
      run.violations
        .filter((violation) => violation.requirement === id)
        .map((violation) => ({ ...violation, path: run.path.id })),
    );
    if (violations.length === 0 && !(asked.has(id) && isJudged(id))) return [];
    const isTested = paths.some(({ tested }) => tested.has(id));
    const verdict = violations.length > 0 ? 'violated' : isTested ? 'held' : 'not-reached';
    return [{ requirement, verdict, violations }];
  });
  const verdicts = [...paths, ...requirements].map(({ verdict }) => verdict);
  const worst = (['violated', 'not-reached'] as const).find((one) => verdicts.includes(one));
  return { verdict: worst ?? 'held', paths, requirements };
}
