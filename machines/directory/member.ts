/** What a gate does: the rules of `adapters/directory/member-partition.ts`. */
import type { DirectorySettings } from './rules.js';
import {
  type DirectoryState,
  type GateState,
  type Grant,
  type KickMessage,
  type Operation,
  outcome,
  request,
} from './state.js';
import { isSame } from './store.js';

/** The requests that the store counts. */
const changes: ReadonlySet<number> = new Set([request.claim, request.release, request.reassert]);

/** A gate of a state that may be changed. */
export class Member {
  readonly gate: GateState;
  readonly #settings: DirectorySettings;

  constructor(state: DirectoryState, at: number, settings: DirectorySettings) {
    this.gate = state.gates[at] as GateState;
    this.#settings = settings;
  }

  get isLive(): boolean {
    const { incarnation, deadline } = this.gate;
    return incarnation > 0 && (deadline > 0 || this.#settings.rules.noLocalDeadline);
  }

  /** Whether a request is on its way from whose sending the lease counts. */
  get isExtending(): boolean {
    const { joining, wire } = this.gate;
    return joining > 0 || wire.some(({ kind }) => kind === request.join || kind === request.renew);
  }

  get isWorking(): boolean {
    return this.gate.wire.some(({ isWork }) => isWork === 1);
  }

  /** Joins, or renews the lease. */
  keepAlive(): void {
    const { gate } = this;
    gate.age = 0;
    this.#send({
      kind: gate.incarnation === 0 ? request.join : request.renew,
      incarnation: gate.incarnation,
      isWork: 1,
    });
  }

  claim(session: number): void {
    this.gate.claiming = session;
    const names = [{ session, epoch: 0 }];
    this.#send({ kind: request.claim, incarnation: this.gate.incarnation, names });
  }

  /** A session is over. */
  end(session: Grant): void {
    const { gate } = this;
    this.#drop([session.session]);
    if (gate.incarnation === 0) return;
    this.#send({ kind: request.release, incarnation: gate.incarnation, names: [session] });
  }

  /** The local deadline has passed. */
  lapse(): void {
    const { gate } = this;
    gate.incarnation = 0;
    gate.deadline = 0;
    if (this.#settings.loss === 'close') gate.sessions = [];
  }

  kick(kick: KickMessage): void {
    const { gate } = this;
    const { rules } = this.#settings;
    const current = gate.incarnation || gate.joining;
    if (kick.incarnation === current && gate.isCounting && !rules.kicksAreNotCounted) {
      if (kick.number > gate.kicks + 1) gate.needsAudit = 1;
      gate.kicks = Math.max(gate.kicks, kick.number);
    }
    if (rules.kickEndsAny) {
      gate.sessions = [];
      return;
    }
    const heard = rules.ignoresKicksWhileJoining ? gate.incarnation : current;
    if (kick.incarnation !== heard) return;
    const { session, epoch, incarnation } = kick;
    const isOwn = this.#has(kick);
    this.#replaced(kick);
    // An audit may have written the name again before the kick was heard.
    if (!isOwn || rules.keepsKickedName) return;
    this.#send({ kind: request.release, incarnation, names: [{ session, epoch }] });
  }

  /** The connection is lost: the outcome of all requests on it is unknown. */
  disconnect(): void {
    const { gate } = this;
    const { unknownIsFailure, resendsClaim } = this.#settings.rules;
    const lost = gate.wire.splice(0);
    if (!unknownIsFailure && !resendsClaim) gate.needsAudit = 1;
    gate.isCounting = 0;
    gate.joining = 0;
    gate.age = 0;
    const claim = lost.find(({ kind }) => kind === request.claim);
    if (claim && resendsClaim) this.claim(gate.claiming);
    else this.#refuse();
  }

  /** An answer has arrived. */
  hear(answer: Operation): void {
    this.#count(answer);
    if (answer.kind === request.claim) this.#claimed(answer);
    else if (answer.isWork) this.#worked(answer);
  }

  #count({ kind, incarnation, operations, kicks, outcome: result }: Operation): void {
    const { gate } = this;
    const { operationsAreNotCounted, kicksAreNotCounted } = this.#settings.rules;
    if (incarnation !== (gate.incarnation || gate.joining) || result === outcome.lapsed) return;
    const isChange = changes.has(kind);
    const expected = gate.operations + (isChange ? 1 : 0);
    const isLost = operations !== expected && !operationsAreNotCounted;
    const isMissed = kind === request.renew && kicks !== gate.kicks && !kicksAreNotCounted;
    if (gate.isCounting === 1 && (isLost || isMissed)) gate.needsAudit = 1;
    gate.operations = operations;
    if (kind === request.renew || gate.isCounting === 0) gate.kicks = kicks;
    gate.isCounting = 1;
  }

  #claimed({ incarnation, outcome: result, epoch, replaced, names }: Operation): void {
    const { gate } = this;
    if (result === outcome.lapsed) this.#denied(incarnation);
    if (result !== outcome.done) {
      this.#refuse();
      return;
    }
    if (replaced?.incarnation === incarnation && this.#has(replaced)) this.#replaced(replaced);
    const session = names[0]?.session ?? 0;
    const wasKicked = gate.kicked === epoch;
    const isCurrent = this.isLive && incarnation === gate.incarnation;
    const isUsed = isCurrent || this.#settings.rules.trustsOldGrant;
    if (!isUsed) gate.needsAudit = 1;
    this.#refuse();
    if (isUsed && !wasKicked) gate.sessions = [...gate.sessions, { session, epoch }];
  }

  #refuse(): void {
    this.gate.claiming = 0;
    this.gate.kicked = 0;
  }

  #worked(answer: Operation): void {
    const { gate } = this;
    const { incarnation } = answer;
    if (answer.kind === request.join) this.#joined(incarnation);
    else if (answer.kind === request.renew) this.#renewed(answer);
    else if (answer.kind === request.held) this.#compared(answer);
    else if (answer.kind === request.release) this.#giveBack(incarnation, answer.rest);
    // While joining nothing is joined; in an audit the next renewal finds out.
    else if (answer.outcome === outcome.lapsed) gate.joining = 0;
    else this.#written(answer);
  }

  #written({ incarnation, names, lost, rest }: Operation): void {
    this.#drop(
      names
        .filter((name) => lost.includes(name.session) && this.#has(name))
        .map(({ session }) => session),
    );
    const ended = names.filter((name) => !lost.includes(name.session) && !this.#has(name));
    this.#giveBack(incarnation, [...ended, ...rest]);
  }

  #joined(incarnation: number): void {
    const { gate } = this;
    gate.joining = incarnation;
    gate.operations = 0;
    gate.kicks = 0;
    gate.isCounting = 1;
    const names = [...gate.sessions].sort((one, other) => other.epoch - one.epoch);
    const { grantsBeforeReasserting } = this.#settings.rules;
    if (grantsBeforeReasserting) gate.needsAudit = 1;
    if (names.length === 0 || grantsBeforeReasserting) this.#finishJoin();
    else this.#send({ kind: request.reassert, incarnation, isWork: 1, names });
  }

  #finishJoin(): void {
    const { gate } = this;
    gate.incarnation = gate.joining;
    gate.joining = 0;
    this.#extend();
  }

  /** Gives names back, one after the other; then the work is done. */
  #giveBack(incarnation: number, names: readonly Grant[]): void {
    const { gate } = this;
    const [name, ...rest] = names.filter((one) => !this.#has(one) && one.session !== gate.claiming);
    if (name) this.#send({ kind: request.release, incarnation, isWork: 1, names: [name], rest });
    else if (gate.joining > 0) this.#finishJoin();
  }

  #renewed({ incarnation, outcome: result }: Operation): void {
    const { gate } = this;
    if (result === outcome.lapsed) {
      this.#denied(incarnation);
      if (gate.incarnation === 0) this.keepAlive();
      return;
    }
    if (incarnation === gate.incarnation) this.#extend();
    if (gate.needsAudit === 0 || gate.incarnation === 0) return;
    gate.needsAudit = 0;
    const { sessions: names, incarnation: current } = gate;
    this.#send({ kind: request.held, incarnation: current, isWork: 1, names });
  }

  /** Compares what the store has with the sessions. */
  #compared({ incarnation, names: own, found: rest }: Operation): void {
    const names = own
      .filter((name) => !rest.some((one) => isSame(one, name)))
      .sort((one, other) => other.epoch - one.epoch);
    if (names.length === 0) this.#giveBack(incarnation, rest);
    else this.#send({ kind: request.reassert, incarnation, isWork: 1, names, rest });
  }

  /** The lease is live; it counts from when the request was sent. */
  #extend(): void {
    const { gate } = this;
    const { lease, rules } = this.#settings;
    gate.deadline = Math.max(0, lease - (rules.deadlineFromAnswer ? 0 : gate.age));
    gate.age = 0;
    if (!this.isLive) this.lapse();
  }

  /** The store does not know the incarnation as a live one. */
  #denied(incarnation: number): void {
    const { gate } = this;
    if (incarnation !== gate.incarnation) return;
    const isDue = !this.isLive || this.#settings.loss === 'keep' || gate.sessions.length === 0;
    gate.incarnation = 0;
    if (isDue) this.lapse();
  }

  #replaced({ session, epoch }: Grant): void {
    const { gate } = this;
    if (gate.claiming === session && !this.#settings.rules.forgetsEarlyKick) gate.kicked = epoch;
    if (this.#has({ session, epoch })) this.#drop([session]);
  }

  #has(name: Grant): boolean {
    return this.gate.sessions.some((own) => isSame(own, name));
  }

  #drop(sessions: readonly number[]): void {
    this.gate.sessions = this.gate.sessions.filter(({ session }) => !sessions.includes(session));
  }

  #send(operation: Pick<Operation, 'kind' | 'incarnation'> & Partial<Operation>): void {
    this.gate.wire.push({
      ...{ isWork: 0, outcome: outcome.none, names: [], found: [], rest: [] },
      ...{ epoch: 0, replaced: null, lost: [], operations: 0, kicks: 0 },
      ...operation,
    });
  }
}
