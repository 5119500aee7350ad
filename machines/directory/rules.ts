/** The rules of stores and members as the model knows them, and wrong ones to test the model with. */

/** Each is a mistake; the rules of the project make none of them. */
export const mistakes = {
  epochFromCounter: 'The epoch is the last one of the store plus one, without the time.',
  takeoverKeepsEpoch: 'A takeover gets the epoch of the holder that it replaces.',
  noLocalDeadline: 'A gate relies on its lease until the store denies it.',
  deadlineFromAnswer:
    'The local deadline counts from the answer, not from when the renewal was sent.',
  deadlineStopsInPause:
    'The local deadline does not count the time for which the process was stopped.',
  trustsOldGrant: 'A grant is used though the lease has ended before its answer was read.',
  grantsBeforeReasserting: 'A gate that joins again grants names before it has written its own.',
  reassertKeepsHolder: 'Reasserting leaves a name to its holder, whichever epoch is higher.',
  reassertOverwrites: 'Reasserting takes a name from its holder, whichever epoch is higher.',
  unknownIsFailure: 'A request without an answer counts as failed: no audit follows.',
  resendsClaim: 'A claim without an answer is sent again, and no audit follows.',
  releaseFreesAny: 'A release frees the name, also one that another session holds.',
  kickEndsAny: 'A kick ends whichever session has the name in that gate.',
  sweepFreesAny:
    'A sweep frees the names that the incarnation had, also those that others hold now.',
  sweepsLive: 'A sweep does not check that the lease has ended.',
  kicksAreNotCounted: 'Kicks have no numbers: a lost one is not noticed.',
  operationsAreNotCounted:
    'Operations are not counted: lost writes and late requests are not noticed.',
  ignoresKicksWhileJoining: 'A gate that joins ignores kicks until it has written all its names.',
  keepsKickedName:
    'A session that was kicked is not given back, though an audit may have written its name again.',
  forgetsEarlyKick: 'A kick that comes before the answer to its claim is forgotten.',
} as const;

export type Mistake = keyof typeof mistakes;

export type DirectoryRules = Readonly<Record<Mistake, boolean>>;

/** The rules of the project. */
export const directoryRules: DirectoryRules = Object.freeze(
  Object.fromEntries(Object.keys(mistakes).map((mistake) => [mistake, false])) as Record<
    Mistake,
    boolean
  >,
);

export interface DirectoryBounds {
  /** Number of gates, 2 or 3. */
  readonly gates: number;
  /** Ticks of a lease. */
  readonly lease: number;
  /** Maximum number of claims of a run. */
  readonly claims: number;
  /** Maximum number of faults of a run. */
  readonly faults: number;
}

/** What may go wrong. */
export const directoryFaults = {
  crash: 'a gate is killed',
  pause: 'a gate stands still for a while',
  stall: 'nothing passes between a gate and the store for a while',
  cut: 'the connection of a gate to the store is lost, with the requests and answers on it',
  late: 'a request of a lost connection still reaches the store',
  'kick-lost': 'a kick is lost',
  failover: 'an older copy becomes the store: acknowledged writes are lost',
  empty: 'the store restarts without its data',
} as const;
export type DirectoryFault = keyof typeof directoryFaults;

export interface DirectorySettings extends DirectoryBounds {
  readonly policy: 'reject' | 'takeover';
  readonly loss: 'keep' | 'close';
  readonly mayHappen: readonly DirectoryFault[];
  readonly rules: DirectoryRules;
}
