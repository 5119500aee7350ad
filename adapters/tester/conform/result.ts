import type { FigureId } from '../../../machines/registration/chart/registration.js';
import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { ServerInput, ServiceAnswer } from '../../../machines/registration/sut/inputs.js';
import type { Case } from '../../../machines/registration/sut/suites.js';
import type { TimerPolicy } from '../../../machines/registration/sut/timer-policy.js';

/** Kinds of differences between a server and a case. The codes are stable and mean the same as those of figures. */
export const caseDifferences = {
  'not-connected': 'no connection was set up',
  silent: 'no answer came',
  'wrong-message': 'another message came than the expected one',
  'wrong-reference-id': 'the answer does not carry the reference id of its request',
  'incomplete-error': 'EventError lacks its error code or its description',
  'answered-twice': 'a second answer came',
  'unsolicited-message': 'a message came that answers no request',
  'too-many-messages': 'messages came without end',
  'invalid-frame': 'an invalid frame came',
  'disconnected-early': 'the server disconnected instead of answering',
  'timeout-too-short': 'the server disconnected before the deadline',
  'timeout-too-long': 'the server disconnected after the deadline',
  'deadline-restarted': 'the rejection deadline ran from a later EventError than the first',
  'never-disconnected': 'the server did not disconnect at the deadline',
  'not-left-open': 'the server disconnected a registered client',
  'not-closed': 'the connection stayed open after an invalid frame',
} as const;
export type CaseDifferenceCode = keyof typeof caseDifferences;

/** The first difference between a server and a case. Later arrows are not judged. */
export interface CaseDifference {
  readonly code: CaseDifferenceCode;
  /** Index of the step of the case. */
  readonly index: number;
  readonly input: ServerInput;
  /** The configuration in which the input was given. */
  readonly from: string;
  readonly expected: string;
  readonly came: string;
  /** The diagnosis in one sentence, on one line. */
  readonly sentence: string;
  /** The transitions of the chart that the server violates (ids of `Edge`); empty for an unsolicited message, for instance. */
  readonly edges: readonly string[];
  /** The figures that show one of them in that configuration; empty for this project's own choices. */
  readonly figures: readonly FigureId[];
}

/** The verdicts of TTCN-3. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** One case, played. */
export interface CaseResult {
  readonly case: Case;
  /** `inconclusive`: the tester could not judge the server; see `reason`. */
  readonly verdict: Verdict;
  readonly difference: CaseDifference | null;
  readonly reason: string | null;
  /** It is inconclusive because a timeout of the server is unknown. That is a separate failure. */
  readonly isUnknown?: boolean | undefined;
  /** Number of steps that passed, from the first on. */
  readonly passed: number;
  /** Everything that was sent and received, in order, with the step of the case. */
  readonly seen: readonly SeenArrow[];
  /** The session as recorded in the tester's seat. */
  readonly steps: readonly StepRecord[];
  /** Number of attempts. */
  readonly attempts: number;
  /** Differences in time that did not recur when the case was played again. */
  readonly unconfirmed: readonly CaseDifference[];
}

export interface SeenArrow extends ObservedArrow {
  /** Index of the step; null for the connect. */
  readonly step: number | null;
}

/** The verdict for an edge of the chart: a documented one, or one of this project's own choices. */
export interface EdgeVerdict {
  /** Id of the `Edge`. */
  readonly edge: string;
  /** The configuration in which the edge is taken; null for a documented edge, which is taken as in a figure. */
  readonly from: string | null;
  readonly description: string;
  /** The figures that show it; empty for this project's own choices. */
  readonly figures: readonly FigureId[];
  /** `not-reached`: no case took it. */
  readonly verdict: 'pass' | 'fail' | 'not-reached';
  /** Number of steps in which it passed, and of cases in which it failed. */
  readonly passed: number;
  readonly failed: number;
}

/** Cases with the same kind of difference. */
export interface ConformFailure {
  readonly code: CaseDifferenceCode;
  /** Number of cases that show it. */
  readonly count: number;
  /** The shortest session that shows it. */
  readonly shortest: CaseResult;
  readonly difference: CaseDifference;
  /** Whether the server differs from a figure. */
  readonly isDocumented: boolean;
  /** Number of sessions that were played to shrink it. */
  readonly replays: number;
}

/** A message of the server that no figure shows. It may be correct. */
export interface Undocumented {
  /** Id of the chart's `Edge` for it. */
  readonly edge: string;
  readonly description: string;
  /** The name of the message, abridged. */
  readonly message: string;
  readonly count: number;
}

export interface TimeoutUsed {
  /** Milliseconds; null when unknown. */
  readonly milliseconds: number | null;
  readonly source: 'given' | 'measured';
}

/** A connection that shows the timer policy. All times are milliseconds since the connect. */
export interface TimerPolicyPlay {
  /** What the client sent, in words. */
  readonly play: string;
  /** When the server sent EventError. */
  readonly errorsAt: readonly number[];
  /** When the server disconnected; null when it did not. */
  readonly disconnectedAt: number | null;
  /** When the policy in use expects it; null when a timeout is unknown. */
  readonly expectedAt: number | null;
}

/** Which timer ends the connection of an unregistered client. The document leaves it open. */
export interface TimerPolicyReport {
  /** Null when none was learned; see `reason`. */
  readonly learned: TimerPolicy | null;
  readonly reason: string | null;
  /** The policy by which the cases were judged. */
  readonly used: TimerPolicy;
  /** The policy of the gate of this project. */
  readonly gate: TimerPolicy;
  readonly plays: readonly TimerPolicyPlay[];
}

/** The result of a suite against one server. */
export interface ConformReport {
  readonly target: string;
  readonly criterion: string;
  readonly guarantee: string;
  readonly seed: number | null;
  /** The expected answers of the service to registered clients. */
  readonly answers: ServiceAnswer;
  /** No difference that counts, no late case, and no interruption. */
  readonly passed: boolean;
  /** Only differences from a figure count. */
  readonly documentedOnly: boolean;
  readonly interrupted: boolean;
  readonly timeouts: { readonly registration: TimeoutUsed; readonly rejection: TimeoutUsed };
  readonly timerPolicy: TimerPolicyReport;
  readonly cases: {
    readonly total: number;
    readonly passed: number;
    readonly failed: number;
    readonly inconclusive: number;
    /** Not played: they begin like a failed case. */
    readonly skipped: number;
  };
  /** Number of inputs that passed. */
  readonly inputs: number;
  readonly connections: number;
  readonly edges: readonly EdgeVerdict[];
  readonly failures: readonly ConformFailure[];
  readonly undocumented: readonly Undocumented[];
  /** Reasons of inconclusive cases, with their number. */
  readonly inconclusive: readonly { readonly reason: string; readonly count: number }[];
  readonly unconfirmed: readonly CaseDifference[];
  /** Duration of the run, in milliseconds. */
  readonly elapsed: number;
}
