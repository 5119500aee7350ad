/** The gates, the store and what is between them: the initial state, and every step from a state. */
import type { CheckedModel, StepVisitor } from '../engine/checking/model.js';
import { StateEncoding } from './encoding.js';
import { Member } from './member.js';
import { type DirectoryProperty, isPromised } from './properties.js';
import type { DirectoryFault, DirectorySettings } from './rules.js';
import {
  copyOf,
  copyOfStore,
  type DirectoryState,
  emptyStore,
  type GateState,
  leaseOf,
  liveEntry,
  mode,
  newGate,
  outcome,
} from './state.js';
import { type Action, type DirectoryStep, directoryStep } from './step.js';
import { execute } from './store.js';

type Visit = StepVisitor<DirectoryState, DirectoryStep, DirectoryProperty>;

export class DirectoryModel
  implements CheckedModel<DirectoryState, DirectoryStep, DirectoryProperty>
{
  readonly settings: DirectorySettings;
  readonly encoding: StateEncoding;
  readonly initial: DirectoryState;
  readonly timerCount = 0;
  readonly #promised: ReadonlySet<DirectoryProperty>;
  readonly #faults: ReadonlySet<DirectoryFault>;

  constructor(settings: DirectorySettings) {
    const { gates } = settings;
    this.settings = settings;
    this.encoding = new StateEncoding(gates);
    this.initial = {
      ...{ store: emptyStore(gates), copy: null, highest: 0, claims: 0, faults: 0 },
      ...{ gates: Array.from({ length: gates }, newGate), kicks: [], late: [] },
    };
    this.initial.gates.forEach((gate, at) => {
      const lease = { incarnation: 1, left: settings.lease, operations: 0, kicks: 0 };
      this.initial.store.leases[at]?.push(lease);
      Object.assign(gate, { incarnation: 1, deadline: settings.lease, isCounting: 1 });
    });
    const properties = [
      'one-owner',
      'rising',
      'no-overlap',
      'one-in-gate',
      'newest-stays',
    ] as const;
    this.#promised = new Set([
      ...properties.filter((property) => isPromised(property, settings)),
      'agreement',
    ]);
    this.#faults = new Set(settings.mayHappen);
  }

  runningTimers(): number {
    return 0;
  }

  isPending(): boolean {
    return false;
  }

  isTerminal(): boolean {
    return false;
  }

  each(state: DirectoryState, visit: Visit): void {
    const take = (action: Action, gate: number, change: Change, index = 0) => {
      const next = copyOf(state);
      const violated: DirectoryProperty[] = [];
      change(next, new Member(next, gate, this.settings), violated);
      const kept = violated.filter((property) => this.#promised.has(property));
      visit(directoryStep(action, gate, index), next, kept, 0);
    };
    state.gates.forEach((gate, at) => {
      this.#eachOfNetwork(state, gate, at, take);
      if (runs(gate)) this.#eachOfGate(state, gate, at, take);
      if (gate.mode === mode.stalled) take('flow', at, ({ gates }) => setMode(gates[at], mode.up));
      else if (gate.mode === mode.down)
        take('restart', at, ({ gates }) => setMode(gates[at], mode.up));
      else if (gate.mode === mode.paused)
        take('resume', at, (next, member) => this.#resume(next.gates[at], member));
    });
    if (this.#mayTick(state)) take('tick', 0, (next) => this.#tick(next));
    if (state.faults < this.settings.faults) this.#eachFault(state, take);
  }

  violatedIn(state: DirectoryState): readonly DirectoryProperty[] {
    const { gates } = state;
    const acting = gates.filter(runs).flatMap(({ sessions }) => sessions);
    const all = gates.flatMap(({ sessions }) => sessions);
    const { entry } = state.store;
    const owners = new Map<number, number>();
    const isShared = (entry ? [...all, entry] : all).some(({ session, epoch }) => {
      const owner = owners.get(epoch) ?? session;
      owners.set(epoch, owner);
      return owner !== session;
    });
    const violated: DirectoryProperty[] = [];
    if (isShared) violated.push('one-owner');
    if (acting.length > 1) violated.push('no-overlap');
    if (gates.some(({ sessions }) => sessions.length > 1)) violated.push('one-in-gate');
    if (this.isAtRest(state) && !this.#agrees(state)) violated.push('agreement');
    return violated.filter((property) => this.#promised.has(property));
  }

  /** Nothing is on its way, and renewals would change nothing. */
  isAtRest({ gates, store, kicks, late }: DirectoryState): boolean {
    if (kicks.length > 0 || late.length > 0) return false;
    return gates.every((gate, at) => {
      const { leases } = store;
      const others = leases[at]?.filter(({ incarnation }) => incarnation !== gate.incarnation);
      if (others?.some(({ left }) => left > 0)) return false;
      if (gate.mode !== mode.up) return gate.mode === mode.down;
      const { operationsAreNotCounted, kicksAreNotCounted } = this.settings.rules;
      const lease = leaseOf(store, at, gate.incarnation);
      if (!lease || lease.left === 0 || gate.deadline === 0 || gate.wire.length > 0) return false;
      if (gate.needsAudit === 1) return false;
      if (gate.isCounting === 0) return operationsAreNotCounted && kicksAreNotCounted;
      const isCounted = operationsAreNotCounted || lease.operations === gate.operations;
      return isCounted && (kicksAreNotCounted || lease.kicks === gate.kicks);
    });
  }

  #agrees(state: DirectoryState): boolean {
    const holder = liveEntry(state.store);
    const held = state.gates.flatMap(({ sessions, incarnation }, gate) =>
      sessions.map((grant) => ({ ...grant, gate, incarnation })),
    );
    if (held.length === 0) return holder === null;
    const [own] = held;
    return (
      held.length === 1 &&
      own?.session === holder?.session &&
      own?.epoch === holder?.epoch &&
      own?.gate === holder?.gate &&
      own?.incarnation === holder?.incarnation
    );
  }

  #eachOfNetwork(state: DirectoryState, gate: GateState, at: number, take: Take): void {
    const waiting = gate.wire.findIndex((operation) => operation.outcome === outcome.none);
    if (waiting >= 0 && gate.mode !== mode.stalled) {
      take('execute', at, (next, _, violated) => {
        const operation = next.gates[at]?.wire[waiting];
        if (operation) violated.push(...execute(next, at, operation, this.settings));
      });
    }
    state.late.forEach(({ gate: sender }, index) => {
      if (sender !== at) return;
      take('late', at, (next, _, violated) => {
        const [late] = next.late.splice(index, 1);
        if (late) violated.push(...execute(next, late.gate, late.operation, this.settings));
      });
    });
  }

  #eachOfGate(state: DirectoryState, gate: GateState, at: number, take: Take): void {
    const { claims } = this.settings;
    const member = new Member(state, at, this.settings);
    if (gate.mode === mode.up && gate.wire[0] && gate.wire[0].outcome !== outcome.none) {
      take('answer', at, ({ gates }, taker) => {
        const answer = gates[at]?.wire.shift();
        if (answer) taker.hear(answer);
      });
    }
    state.kicks.forEach((kick, index) => {
      if (kick.gate !== at) return;
      const heard = (next: DirectoryState, taker: Member) => {
        for (const one of next.kicks.splice(index, 1)) taker.kick(one);
      };
      take('kick', at, heard, index);
    });
    if (this.#isDue(state, gate, at)) {
      take('keep-alive', at, (_, taker) => taker.keepAlive());
    }
    if (member.isLive && gate.claiming === 0 && state.claims < claims) {
      take('claim', at, (next, taker) => {
        next.claims += 1;
        taker.claim(next.claims);
      });
    }
    gate.sessions.forEach((session, index) => {
      take('end', at, (_, taker) => taker.end(session), index);
    });
  }

  /** A process that was stopped checks its deadline before anything else. */
  #resume(gate: GateState | undefined, member: Member): void {
    setMode(gate, mode.up);
    if (gate?.deadline === 0 && !this.settings.rules.noLocalDeadline) member.lapse();
  }

  /** Whether a gate has to join, or to renew its lease. */
  #isDue(state: DirectoryState, gate: GateState, at: number): boolean {
    if (gate.wire.some(({ isWork }) => isWork === 1)) return false;
    if (gate.incarnation === 0) return this.#mayJoin(state, gate, at);
    return gate.deadline < this.settings.lease || gate.needsAudit === 1;
  }

  /** Messages take much less than a tick: time passes when those of all gates that are not disturbed have arrived. */
  #mayTick(state: DirectoryState): boolean {
    const isUp = (at: number) => state.gates[at]?.mode === mode.up;
    if (state.kicks.some(({ gate }) => isUp(gate))) return false;
    return state.gates.every(
      (gate, at) => !isUp(at) || (gate.wire.length === 0 && !this.#isDue(state, gate, at)),
    );
  }

  /** A gate that was started again waits for the lease of its earlier run. */
  #mayJoin(state: DirectoryState, gate: GateState, at: number): boolean {
    if (gate.incarnation > 0 || gate.sessions.length > 0 || gate.needsAudit === 1) return true;
    const { leases } = state.store;
    return leases[at]?.every(({ left }) => left === 0) ?? true;
  }

  #tick(next: DirectoryState): void {
    const { lease, rules } = this.settings;
    for (const { leases } of next.copy ? [next.store, next.copy] : [next.store]) {
      for (const one of leases.flat()) one.left = Math.max(0, one.left - 1);
    }
    next.gates.forEach((gate, at) => {
      if (gate.mode === mode.paused && rules.deadlineStopsInPause) return;
      const member = new Member(next, at, this.settings);
      if (member.isExtending) gate.age = Math.min(lease, gate.age + 1);
      if (gate.deadline === 0) return;
      gate.deadline -= 1;
      const isOver = gate.deadline === 0 && runs(gate) && !rules.noLocalDeadline;
      if (isOver) member.lapse();
    });
  }

  #eachFault(state: DirectoryState, take: Take): void {
    const { store, copy } = state;
    const may = (fault: DirectoryFault) => this.#faults.has(fault);
    const fault =
      (change: (next: DirectoryState, member: Member) => void) =>
      (next: DirectoryState, member: Member) => {
        next.faults += 1;
        change(next, member);
      };
    state.gates.forEach((gate, at) => {
      if (gate.mode === mode.down) return;
      if (may('crash'))
        take(
          'crash',
          at,
          fault((next) => crash(next, at)),
        );
      const requests = gate.wire.filter((operation) => operation.outcome === outcome.none);
      if (may('cut') && gate.wire.length > 0 && runs(gate)) {
        take(
          'cut',
          at,
          fault((_, member) => member.disconnect()),
        );
        if (may('late') && state.late.length === 0) {
          requests.forEach((operation, index) => {
            const cut = fault((next, member) => {
              next.late.push({ gate: at, operation: { ...operation } });
              member.disconnect();
            });
            take('cut-late', at, cut, index);
          });
        }
      }
      if (gate.mode !== mode.up) return;
      if (may('pause'))
        take(
          'pause',
          at,
          fault(({ gates }) => setMode(gates[at], mode.paused)),
        );
      if (may('stall'))
        take(
          'stall',
          at,
          fault(({ gates }) => setMode(gates[at], mode.stalled)),
        );
    });
    state.kicks.forEach((kick, index) => {
      if (may('kick-lost')) {
        take(
          'kick-lost',
          kick.gate,
          fault((next) => void next.kicks.splice(index, 1)),
          index,
        );
      }
    });
    if (may('empty')) {
      take(
        'empty',
        0,
        fault((next) => {
          next.store = emptyStore(next.gates.length);
        }),
      );
    }
    if (!may('failover')) return;
    if (copy === null)
      take('lag', 0, (next) => {
        next.copy = copyOfStore(store);
      });
    else
      take(
        'failover',
        0,
        fault((next) => {
          next.store = copyOfStore(copy);
          next.copy = null;
        }),
      );
  }
}

/** Changes the next state. @param violated takes the properties that the step violates */
type Change = (next: DirectoryState, member: Member, violated: DirectoryProperty[]) => void;

type Take = (action: Action, gate: number, change: Change, index?: number) => void;

/** Whether a gate acts by itself. */
const runs = (gate: GateState) => gate.mode === mode.up || gate.mode === mode.stalled;

function setMode(gate: GateState | undefined, to: number): void {
  if (gate) gate.mode = to;
}

function crash(next: DirectoryState, at: number): void {
  next.gates[at] = { ...newGate(), mode: mode.down };
  next.kicks = next.kicks.filter(({ gate }) => gate !== at);
}
