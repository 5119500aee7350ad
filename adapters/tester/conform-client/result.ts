import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { Verdict } from '../conform/result.js';
import type { Violation } from './judge.js';
import type { ClientPath, ClientPathId } from './paths.js';
import {
  always,
  clientRequirements,
  type Requirement,
  type RequirementId,
} from './requirements.js';

/** `inconclusive`: it was not tested. */
export type ClientVerdict = Verdict;

/** One path. It is inconclusive when no client connected, or when it was cut short. */
export interface PathRun {
  readonly path: ClientPath;
  readonly verdict: ClientVerdict;
  /** Everything that was sent and received, in order, redacted; empty when no client connected. */
  readonly seen: readonly ObservedArrow[];
  /** The steps of the chart in the server's seat: a recording. */
  readonly steps: readonly StepRecord[];
  /** The requirements that it tested. */
  readonly tested: ReadonlySet<RequirementId>;
  readonly violations: readonly Violation[];
  /** Milliseconds from the connect to the end. */
  readonly elapsed: number;
  /** How it ended, or why it is inconclusive; not escaped. */
  readonly ending: string;
}

/** One requirement on all paths. */
export interface RequirementResult {
  readonly requirement: Requirement;
  readonly verdict: ClientVerdict;
  /** One for each path that shows a violation. */
  readonly violations: readonly (Violation & { readonly path: ClientPathId })[];
}

export interface ClientConformance {
  /** `fail` when any requirement fails; else `inconclusive` when any path or requirement is. */
  readonly verdict: ClientVerdict;
  /** In the order of `clientPaths`. */
  readonly paths: readonly PathRun[];
  /** The requirements that the chosen paths test. */
  readonly requirements: readonly RequirementResult[];
}

/**
 * Adds up all paths.
 * @param isJudged whether a requirement is judged at all in this run.
 */
export function resultOf(
  paths: readonly PathRun[],
  isJudged: (id: RequirementId) => boolean,
): ClientConformance {
  const expected = new Set<RequirementId>([...always, ...paths.flatMap(({ path }) => path.tests)]);
  const requirements = clientRequirements.flatMap((requirement): RequirementResult[] => {
    const { id } = requirement;
    const violations = paths.flatMap((run) =>
      run.violations
        .filter((violation) => violation.requirement === id)
        .map((violation) => ({ ...violation, path: run.path.id })),
    );
    if (violations.length === 0 && !(expected.has(id) && isJudged(id))) return [];
    const isTested = paths.some(({ tested }) => tested.has(id));
    const verdict = violations.length > 0 ? 'fail' : isTested ? 'pass' : 'inconclusive';
    return [{ requirement, verdict, violations }];
  });
  const verdicts = [...paths, ...requirements].map(({ verdict }) => verdict);
  const worst = (['fail', 'inconclusive'] as const).find((one) => verdicts.includes(one));
  return { verdict: worst ?? 'pass', paths, requirements };
}
