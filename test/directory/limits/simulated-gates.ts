/** Gates in simulated time that share limits through one store in memory. */
import { setImmediate } from 'node:timers/promises';
import { SharedLimits } from '../../../adapters/directory/limits/shared-limits.js';
import { DirectoryMember } from '../../../adapters/directory/member.js';
import type { MemberClock } from '../../../adapters/directory/member-clock.js';
import { MemoryDirectory, MemoryStore } from '../../../adapters/directory/memory-directory.js';
import {
  Admission,
  type AdmissionLimits,
  ConnectionSlot,
} from '../../../adapters/server/limits/index.js';
import { defaults } from '../../server/limits/door.js';

export const lease = 6_000;
/** Milliseconds until a change is counted by all gates, and some. */
export const shared = 110;

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** The timers of one gate. */
class SimulatedClock implements MemberClock {
  time = 1_000_000;
  readonly timers = new Map<number, Timer>();
  #last = 0;

  now = () => this.time;
  wall = () => this.time;

  setTimeout(run: () => void, delay: number): number {
    this.#last += 1;
    this.timers.set(this.#last, { at: this.time + delay, run });
    return this.#last;
  }

  clearTimeout(timer: number): void {
    this.timers.delete(timer);
  }
}

interface Sent {
  readonly from: string;
  readonly to: string | null;
  readonly type: string;
  readonly text: string;
}

/** A directory in memory whose messages are listed and may be lost. */
class ListedDirectory extends MemoryDirectory {
  /** Messages to this gate, for as long as they are lost. */
  deaf = false;
  /** The store does not answer. */
  unreachable = false;
  readonly #world: World;
  readonly #node: string;

  constructor(world: World, node: string) {
    super(world.store);
    this.#world = world;
    this.#node = node;
    const [partition] = this.partitions;
    const renew = partition.renew.bind(partition);
    partition.renew = async (incarnation) => {
      if (this.unreachable) throw new Error('unreachable');
      return renew(incarnation);
    };
  }

  override watch: MemoryDirectory['watch'] = (node, handlers) =>
    super.watch(node, {
      ...handlers,
      message: (text) => {
        if (!this.deaf && !this.unreachable) handlers.message(text);
      },
    });

  override async send(to: string | null, text: string): Promise<void> {
    if (this.unreachable) throw new Error('unreachable');
    const { type } = JSON.parse(text) as { type: string };
    this.#world.sent.push({ from: this.#node, to, type, text });
    await super.send(to, text);
  }
}

export class World {
  time = 1_000_000;
  readonly store = new MemoryStore({ lease, now: () => this.time });
  /** The messages so far, apart from those that were lost for all. */
  readonly sent: Sent[] = [];
  readonly #gates = new Set<SimulatedGate>();

  async gate(node: string, limits: Partial<AdmissionLimits> = {}): Promise<SimulatedGate> {
    const gate = new SimulatedGate(this, node, { ...defaults, ...limits });
    gate.clock.time = this.time;
    await gate.open();
    this.#gates.add(gate);
    await settle();
    return gate;
  }

  /** Lets time pass. The timers of stopped gates wait. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.#gates]
        .filter(({ isStopped }) => !isStopped)
        .flatMap(({ clock }) => [...clock.timers].map(([id, timer]) => ({ clock, id, ...timer })))
        .filter(({ at }) => at <= end)
        .sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.#set(Math.max(this.time, due.at));
      due.clock.timers.delete(due.id);
      due.run();
      await settle();
    }
    this.#set(end);
  }

  /** The messages that are sent meanwhile. */
  async sentWhile(ms: number): Promise<readonly Sent[]> {
    const before = this.sent.length;
    await this.pass(ms);
    return this.sent.slice(before);
  }

  #set(time: number): void {
    this.time = time;
    for (const { clock } of this.#gates) clock.time = time;
  }
}

/** Gates of one cluster. */
export async function gates(nodes: readonly string[], limits: Partial<AdmissionLimits> = {}) {
  const world = new World();
  const all: SimulatedGate[] = [];
  for (const node of nodes) all.push(await world.gate(node, limits));
  return { world, all: all as [SimulatedGate, SimulatedGate, SimulatedGate] };
}

export class SimulatedGate {
  readonly clock = new SimulatedClock();
  readonly admission: Admission;
  readonly directory: ListedDirectory;
  readonly node: string;
  /** The process is stopped: none of its timers runs, and it reads nothing. */
  isStopped = false;
  #member: DirectoryMember | null = null;
  #limits: SharedLimits | null = null;

  constructor(world: World, node: string, limits: AdmissionLimits) {
    this.node = node;
    this.directory = new ListedDirectory(world, node);
    this.admission = new Admission({ limits, random: () => 0.999, now: this.clock.now });
  }

  async open(): Promise<void> {
    const { clock, directory, node, admission } = this;
    const none = () => {};
    const host = { end: none, makeRoom: none, problem: none };
    const member = await DirectoryMember.open({ directory, node, clock, host });
    const limits = new SharedLimits({
      ...{ member, clock },
      host: {
        countOthers: (changes) => admission.countOthers(changes),
        penalties: () => admission.penalties(),
        learnPenalties: (penalties) => admission.learnPenalties(penalties),
        problem: (error) => {
          throw error;
        },
      },
    });
    member.onChange = (state) => limits.memberChanged(state);
    admission.onSourceChange = (change) => limits.counted(change);
    this.#member = member;
    this.#limits = limits;
  }

  get limits(): SharedLimits {
    if (!this.#limits) throw new Error(`${this.node} is not open`);
    return this.#limits;
  }

  enter(address: string): ConnectionSlot {
    const answer = this.admission.admit(address);
    if (answer instanceof ConnectionSlot) return answer;
    throw new Error(`${address} was rejected: ${answer.reason}`);
  }

  enterAll(address: string, count: number): ConnectionSlot[] {
    return Array.from({ length: count }, () => this.enter(address));
  }

  /** Why a connection would be rejected; null when it would not. */
  refusal(address: string): string | null {
    const answer = this.admission.admit(address);
    if (!(answer instanceof ConnectionSlot)) return answer.reason;
    answer.release();
    return null;
  }

  async close(): Promise<void> {
    await this.limits.close();
    await this.#member?.close();
    await settle();
  }

  /** As SIGSTOP or SIGKILL: it does nothing any more, and its lease ends. */
  stop(): void {
    this.isStopped = true;
    this.directory.deaf = true;
  }

  /** As SIGCONT. */
  resume(): void {
    this.isStopped = false;
    this.directory.deaf = false;
  }
}

/** Resolves when messages have come and promises are settled. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}
