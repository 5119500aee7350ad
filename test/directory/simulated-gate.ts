/** Gates in simulated time that share one store. */
import {
  DirectoryMember,
  type MemberClaim,
  type MemberClaimOutcome,
  type MemberOptions,
} from '../../adapters/directory/member.js';
import { FaultyDirectory, FaultyStore } from '../support/faulty-directory.js';
import { ProcessClock, SimulatedTime } from '../support/simulated-time.js';

/** Milliseconds of the lease in these tests. */
export const lease = 6_000;

type Choices = Partial<Pick<MemberOptions, 'onLoss' | 'claimsOnLoss'>>;

/** Time and a store. */
export class World {
  readonly time = new SimulatedTime();
  readonly store: FaultyStore;

  /**
   * @param leaseOf milliseconds
   * @param canLose whether the store can lose writes
   */
  constructor(leaseOf = lease, canLose = true) {
    this.store = new FaultyStore(this.time, leaseOf, canLose);
  }

  /** A gate that has joined. */
  async gate(node: string, choices: Choices = {}): Promise<SimulatedGate> {
    const gate = new SimulatedGate(this, node, choices);
    await gate.open();
    return gate;
  }

  async gates<const Nodes extends readonly string[]>(
    nodes: Nodes,
    choices: Choices = {},
  ): Promise<{ [Index in keyof Nodes]: SimulatedGate }> {
    const opened: SimulatedGate[] = [];
    for (const node of nodes) opened.push(await this.gate(node, choices));
    return opened as { [Index in keyof Nodes]: SimulatedGate };
  }

  /** Lets time pass. @param ms 0 only settles promises */
  async pass(ms = 0): Promise<void> {
    await this.time.advance(ms);
  }

  /** Lets a third of a lease pass. */
  async nextRenewal(): Promise<void> {
    await this.pass(lease / 3);
  }

  /** The sessions that hold a name in the store with a live lease, the lowest epoch first. */
  async holders(clientName: string): Promise<string[]> {
    const holders = await this.store.plain().partitions[0].holders(clientName);
    return holders.map(({ session }) => session);
  }
}

/** A gate, as far as a member knows it. */
export class SimulatedGate {
  readonly node: string;
  readonly clock: ProcessClock;
  readonly directory: FaultyDirectory;
  /** The capped sessions that are there, with their names. */
  readonly sessions = new Map<string, string>();
  /** The sessions that the member has ended, and when. */
  readonly ended: { readonly session: string; readonly reason: string; readonly at: number }[] = [];
  /** Sessions whose clients do not answer a probe. */
  readonly silent = new Set<string>();
  /** What happens when the member asks for room. */
  makeRoom = async (sessions: readonly string[]): Promise<void> => {
    for (const session of sessions) if (this.silent.has(session)) this.release(session);
  };
  /** The codes of the problems that were reported. */
  readonly problems: string[] = [];
  readonly #world: World;
  readonly #choices: Choices;
  #member: DirectoryMember | null = null;

  constructor(world: World, node: string, choices: Choices) {
    this.node = node;
    this.#world = world;
    this.#choices = choices;
    this.clock = new ProcessClock(world.time);
    this.directory = new FaultyDirectory(world.store, world.time, this.clock);
  }

  get member(): DirectoryMember {
    if (!this.#member) throw new Error(`${this.node} has not joined`);
    return this.#member;
  }

  get faults(): FaultyDirectory['faults'] {
    return this.directory.faults;
  }

  async open(): Promise<void> {
    this.#member = await DirectoryMember.open({
      ...{ directory: this.directory, node: this.node, clock: this.clock, ...this.#choices },
      host: {
        end: (session, reason) => {
          this.ended.push({ session, reason, at: this.#world.time.now });
          this.sessions.delete(session);
        },
        makeRoom: (sessions) => this.makeRoom(sessions),
        problem: (error) => {
          this.problems.push((error as { code?: string }).code ?? error.message);
        },
      },
    });
  }

  /** Asks for a name; where time has to pass for the answer, do not await it before. */
  async claim(
    session: string,
    clientName: string,
    { cap = 1, policy = 'reject' }: Partial<Pick<MemberClaim, 'cap' | 'policy'>> = {},
  ): Promise<MemberClaimOutcome> {
    const outcome = await this.member.claim({ session, clientName, cap, policy });
    // Its name may have been taken before the answer was read.
    const isOver = this.ended.some((one) => one.session === session);
    if (outcome.granted && !isOver) this.sessions.set(session, clientName);
    return outcome;
  }

  /** The session is over. */
  release(session: string): void {
    const clientName = this.sessions.get(session);
    if (clientName === undefined) return;
    this.sessions.delete(session);
    this.member.release({ session, clientName });
  }

  epochOf(session: string): number | null {
    const clientName = this.sessions.get(session) ?? '';
    return this.member.epochOf({ session, clientName });
  }

  /** The connection is lost until `heal`. */
  cut(): void {
    this.faults.isCut = true;
  }

  heal(): void {
    this.directory.heal();
  }

  /** The next answers to an operation are lost, after it took effect. */
  loseAnswers(operation: string, count = 1): void {
    let left = count;
    this.faults.losesAnswer = (one) => one === operation && left-- > 0;
  }

  /** The next requests of an operation are lost. */
  loseRequests(operation: string, count = 1): void {
    let left = count;
    this.faults.losesRequest = (one) => one === operation && left-- > 0;
  }

  /** The process is killed. */
  kill(): void {
    this.clock.kill();
    this.sessions.clear();
    void this.directory.close();
  }

  /** Number of operations sent since the start. */
  countSent(operation: string): number {
    return this.directory.sent.filter((one) => one.operation === operation).length;
  }
}
