import type {
  Case,
  FigureId,
  ObservedArrow,
  ServerInput,
  ServiceAnswer,
  StepRecord,
} from '../../../machines/index.js';

/** Kinds of differences between a server and a case; stable. Those that figures have mean the same there. */
export const caseDifferences = {
  'not-connected': 'no connection was set up',
  silent: 'no answer came',
  'wrong-message': 'another message came than the one that is due',
  'wrong-reference-id': 'the answer does not carry the reference id of what it answers',
  'incomplete-error': 'EventError lacks its error code or its description',
  'answered-twice': 'a second answer came',
  'unasked-message': 'a message came that answers nothing',
  'too-many-messages': 'messages came without end',
  'invalid-frame': 'an invalid frame came',
  'disconnected-early': 'the server disconnected instead of answering',
  'timeout-too-short': 'the server disconnected before the deadline',
  'timeout-too-long': 'the server disconnected after the deadline',
  'deadline-restarted': 'the rejection deadline ran from a later EventError than the first',
  'never-disconnected': 'the server did not disconnect when the deadline was over',
  'not-left-open': 'the server disconnected a registered client',
  'not-closed': 'the connection stayed open after an invalid frame',
} as const;
export type CaseDifferenceCode = keyof typeof caseDifferences;

/** Where a server first differs from a case. What came after it is not judged. */
export interface CaseDifference {
  readonly code: CaseDifferenceCode;
  /** Index of the step of the case. */
  readonly index: number;
  readonly input: ServerInput;
  /** The configuration in which the input was given. */
  readonly from: string;
  readonly expected: string;
  readonly came: string;
  /** The diagnosis: one sentence for people, on one line. */
  readonly sentence: string;
  /** The transitions of the chart that it violates (ids of `Edge`); none where it is only something that nobody asked for. */
  readonly edges: readonly string[];
  /** The figures that show one of them, taken from that configuration; none for what is this project's own choice. */
  readonly figures: readonly FigureId[];
}

/** One case, played. */
export interface CaseResult {
  readonly case: Case;
  /** `not-judged`: what came could not be judged, and `why` says why. */
  readonly verdict: 'held' | 'differs' | 'not-judged';
  readonly difference: CaseDifference | null;
  readonly why: string | null;
  /** It was not judged because a timeout of the server is not known: that has failed by itself. */
  readonly isUnknown?: boolean | undefined;
  /** How many steps held, from the first on. */
  readonly held: number;
  /** Everything that was said and seen, in order; the step of the case beside each. */
  readonly seen: readonly SeenArrow[];
  /** The session as the tester's seat records it. */
  readonly steps: readonly StepRecord[];
  /** How often it was played. */
  readonly attempts: number;
  /** Differences of time that were seen once and not again when the case was played again. */
  readonly unconfirmed: readonly CaseDifference[];
}

export interface SeenArrow extends ObservedArrow {
  /** Index of the step; null for the connect. */
  readonly step: number | null;
}

/** What is seen of a documented edge, or of one of this project's own. */
export interface EdgeVerdict {
  /** Id of the `Edge`. */
  readonly edge: string;
  /** Of one of this project's own: the configuration in which it is taken. Null for a documented one, which is taken as a figure takes it. */
  readonly from: string | null;
  readonly description: string;
  /** The figures that show it; none for an edge of this project's own. */
  readonly figures: readonly FigureId[];
  readonly verdict: 'held' | 'violated' | 'not-reached';
  /** In how many steps it was seen to hold, and in how many cases it was violated. */
  readonly held: number;
  readonly violated: number;
}

/** Cases that differ in the same way. */
export interface ConformFailure {
  readonly code: CaseDifferenceCode;
  /** How many cases showed it. */
  readonly count: number;
  /** The shortest session that shows it, and what was seen in it. */
  readonly shortest: CaseResult;
  readonly difference: CaseDifference;
  /** Whether a figure shows what does not hold. */
  readonly isDocumented: boolean;
  /** How many sessions were played to make it short. */
  readonly replays: number;
}

/** Something that a server said and that no figure shows. It need not be wrong. */
export interface Undocumented {
  /** Id of the `Edge` that the chart takes for it. */
  readonly edge: string;
  readonly description: string;
  /** The message's name, fit to be shown. */
  readonly message: string;
  readonly count: number;
}

export interface TimeoutUsed {
  /** Milliseconds; null when the server was not seen to disconnect. */
  readonly milliseconds: number | null;
  readonly source: 'given' | 'measured';
}

/** What is known of a server when a suite has been played against it. */
export interface ConformReport {
  readonly target: string;
  readonly criterion: string;
  readonly guarantee: string;
  readonly seed: number | null;
  /** What the service is expected to answer to a registered client. */
  readonly answers: ServiceAnswer;
  /** Nothing that counts was different, everything was judged, and it was not interrupted. */
  readonly held: boolean;
  /** Only documented edges count. */
  readonly documentedOnly: boolean;
  readonly interrupted: boolean;
  readonly timeouts: { readonly registration: TimeoutUsed; readonly rejection: TimeoutUsed };
  readonly cases: {
    readonly total: number;
    readonly held: number;
    readonly differ: number;
    readonly notJudged: number;
    /** Not played: they begin like one that differs. */
    readonly skipped: number;
  };
  /** Inputs that were judged. */
  readonly inputs: number;
  readonly connections: number;
  readonly edges: readonly EdgeVerdict[];
  readonly failures: readonly ConformFailure[];
  readonly undocumented: readonly Undocumented[];
  /** Why cases were not judged, with how many. */
  readonly notJudged: readonly { readonly why: string; readonly count: number }[];
  readonly unconfirmed: readonly CaseDifference[];
  /** Milliseconds. */
  readonly elapsed: number;
}
