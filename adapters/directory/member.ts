import { duration } from '../../machines/text/format.js';
import { toError } from '../runtime/errors.js';
import type { ClusterSettings, Directory, Holder, NameClaim } from './directory.js';
import { checkedDirectoryName } from './directory-names.js';
import { DirectoryError } from './errors.js';
import type { Moment } from './local-lease.js';
import { type MemberClock, systemMemberClock } from './member-clock.js';
import { MemberPartition } from './member-partition.js';
import { NodeMessages } from './node-messages.js';

/** What happens to the sessions that have a cap when the store is lost for longer than the lease. */
export const directoryLossPolicies = {
  close: 'sessions whose name has a cap are disconnected, so that no name is held twice',
  keep: 'sessions stay; a name may be held twice until the store is back',
} as const;
export type DirectoryLossPolicy = keyof typeof directoryLossPolicies;

/** What happens to clients whose name has a cap while the store is lost. */
export const claimsOnLossPolicies = {
  refuse: 'they get EventError server-busy and come back later',
  provisional:
    'they are registered; when the store is back and another gate has the name, their session is replaced',
} as const;
export type ClaimsOnLossPolicy = keyof typeof claimsOnLossPolicies;

/** The gate of a member. */
export interface MemberHost {
  /**
   * Ends a session of this gate that has lost its name: another session has it (`replaced`), or the store is lost (`directory-lost`).
   */
  end(session: string, reason: 'replaced' | 'directory-lost'): void;
  /** Makes room among these sessions by the policy `probe`. Resolves when the silent ones are over. */
  makeRoom(sessions: readonly string[]): Promise<unknown> | unknown;
  /** Something failed, or the outcome of a request is unknown. */
  problem(error: Error): void;
}

export interface MemberOptions {
  readonly directory: Directory;
  /** The name of this gate, which no other live gate of the cluster has. */
  readonly node: string;
  /** @default 'close' */
  readonly onLoss?: DirectoryLossPolicy | undefined;
  /** @default 'refuse' */
  readonly claimsOnLoss?: ClaimsOnLossPolicy | undefined;
  readonly host: MemberHost;
  /** @default real clocks */
  readonly clock?: MemberClock | undefined;
}

/** A session that wants a name. */
export interface MemberClaim {
  readonly session: string;
  readonly clientName: string;
  /** Maximum number of sessions of the name in all gates; at least 1. */
  readonly cap: number;
  readonly policy: 'probe' | 'reject' | 'takeover';
}

export type MemberClaimOutcome =
  /** @property epoch null for a name that was granted without the store */
  | { readonly granted: true; readonly epoch: number | null }
  /** @property retryAfter milliseconds, where it is known when the name will be free or the store back; null while its holders live */
  | {
      readonly granted: false;
      readonly error: 'name-in-use' | 'server-busy';
      readonly retryAfter: number | null;
    };

/** How a gate stands with the store. */
export type MemberState = 'live' | 'lost';

/** A gate of a cluster, and the names that its sessions hold. */
export interface ClusterNode {
  readonly node: string;
  /** Milliseconds until its lease ends. */
  readonly leaseRemaining: number;
  /** Number of names that its sessions hold. */
  readonly names: number;
}

/** Version of the layout of the stores. */
const format = 1;
/** Milliseconds that the clocks of this machine and of the store may differ. */
const maxClockDifference = 60_000;
/** Milliseconds after which a client that was refused without the store may come back. */
const busyRetry = 1_000;
/** Milliseconds that another gate may take to probe its sessions. */
const probeAnswerTimeout = 4_000;

/**
 * A gate's membership of a cluster: it keeps the leases alive, claims and gives back names, and ends sessions that have lost theirs. The
 * same rules hold for every store.
 */
export class DirectoryMember implements AsyncDisposable {
  readonly node: string;
  readonly directory: Directory;
  readonly messages: NodeMessages;
  readonly #options: MemberOptions;
  readonly #clock: MemberClock;
  readonly #partitions: readonly MemberPartition[];
  #timer: unknown;
  #isClosed = false;
  /** No lease ends before this. */
  #leaseEnd: Moment = { monotonic: 0, wall: 0 };
  #wasLive = false;
  #checking: Promise<void> | null = null;
  /** Called when the gate loses the store, or has it again. */
  onChange: (state: MemberState) => void = () => {};

  /**
   * Joins the cluster.
   * @throws {DirectoryError} when the store cannot be used, another live gate has the node's name, or the settings or clocks differ
   * @throws {OptionError} for an invalid node name
   */
  static async open(options: MemberOptions): Promise<DirectoryMember> {
    const member = new DirectoryMember(options);
    try {
      await member.#open();
    } catch (error) {
      await member.close().catch(() => {});
      throw error;
    }
    return member;
  }

  private constructor(options: MemberOptions) {
    const { directory, node, onLoss = 'close', clock = systemMemberClock } = options;
    this.node = checkedDirectoryName('node', node);
    this.directory = directory;
    this.#options = options;
    this.#clock = clock;
    const problem = (error: Error) => this.#problem(error);
    const send = (to: string | null, text: string) => directory.send(to, text);
    this.messages = new NodeMessages(node, send, problem, clock);
    this.messages.on('make-room', (sessions) => this.#makeRoom(sessions as string[]));
    const host = {
      ...{ node, clock, lease: directory.lease, keepsSessions: onLoss === 'keep', problem },
      ended: (sessions: readonly string[], reason: 'replaced' | 'directory-lost') => {
        for (const session of sessions) options.host.end(session, reason);
      },
      checkSettings: () => this.#checkSettings(),
      changed: () => this.#changed(),
    };
    this.#partitions = directory.partitions.map((one) => new MemberPartition(one, host));
  }

  /** What new clients whose name has a cap get while the store is lost. */
  get claimsOnLoss(): ClaimsOnLossPolicy {
    return this.#options.claimsOnLoss ?? 'refuse';
  }

  /** `live` while every partition's lease is certain to be live. */
  get state(): MemberState {
    return this.#partitions.every(({ isLive }) => isLive) ? 'live' : 'lost';
  }

  /** Number of names that the sessions of this gate hold. */
  get names(): number {
    return this.#partitions.reduce((sum, { size }) => sum + size, 0);
  }

  /** Asks for a name for a session. It never rejects. Release the name of a session that ended before the answer. */
  async claim(claim: MemberClaim): Promise<MemberClaimOutcome> {
    const asked = {
      ...claim,
      policy: claim.policy === 'takeover' ? 'takeover' : 'reject',
    } as const;
    const first = await this.#claim(asked);
    if (!('holders' in first)) return first;
    const dead = first.holders.filter(({ leaseRemaining }) => this.#isOverdue(leaseRemaining));
    if (claim.policy === 'probe' && dead.length < first.holders.length) {
      await this.#probe(first.holders);
      const again = await this.#claim(asked);
      if (!('holders' in again)) return again;
    }
    if (dead.length === 0) return { granted: false, error: 'name-in-use', retryAfter: null };
    const retryAfter = Math.ceil(Math.min(...dead.map(({ leaseRemaining }) => leaseRemaining)));
    return { granted: false, error: 'server-busy', retryAfter: Math.max(1, retryAfter) };
  }

  /**
   * Ends the sessions whose lease is over, unless sessions stay when the store is lost. Call it before acting for a session that holds a
   * name: a process that was stopped reads what its clients have sent before its timers run.
   */
  checkLeases(): void {
    if (this.#options.onLoss === 'keep') return;
    const { monotonic, wall } = this.#leaseEnd;
    if (this.#clock.now() < monotonic && this.#clock.wall() < wall) return;
    const ends = this.#partitions.flatMap((partition) => partition.endOverdue() ?? []);
    this.#leaseEnd = {
      monotonic: Math.min(...ends.map((end) => end.monotonic)),
      wall: Math.min(...ends.map((end) => end.wall)),
    };
  }

  /** The session is over, or does not want the name any more. */
  release({
    session,
    clientName,
  }: {
    readonly session: string;
    readonly clientName: string;
  }): void {
    this.#partitionOf(clientName).release(session);
  }

  /** The epoch of a session's name; null for a name that was granted without the store, and where the session has none. */
  epochOf({
    session,
    clientName,
  }: {
    readonly session: string;
    readonly clientName: string;
  }): number | null {
    return this.#partitionOf(clientName).epochOf(session);
  }

  /** The gates whose lease is live, by name. @throws {DirectoryError} */
  async nodes(): Promise<ClusterNode[]> {
    const lists = await Promise.all(this.directory.partitions.map((partition) => partition.list()));
    const nodes = new Map<string, ClusterNode>();
    for (const { node, leaseRemaining, names } of lists.flat()) {
      if (leaseRemaining === 0) continue;
      const known = nodes.get(node);
      nodes.set(node, {
        node,
        leaseRemaining: Math.max(leaseRemaining, known?.leaseRemaining ?? 0),
        names: names + (known?.names ?? 0),
      });
    }
    return [...nodes.values()].sort((one, other) => (one.node < other.node ? -1 : 1));
  }

  /** Gives all names back and closes the directory. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
    const left = await Promise.allSettled(this.#partitions.map((partition) => partition.leave()));
    for (const one of left) if (one.status === 'rejected') this.#problem(toError(one.reason));
    await this.directory.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    const { directory, node } = this;
    await this.#checkClock();
    await this.#checkSettings();
    await this.#waitForName();
    await directory.watch(node, {
      kick: (kick) => this.#of(kick.partition.index).kick(kick),
      message: (text) => this.messages.receive(text),
      gap: (partition) => this.#of(partition.index).audit(),
    });
    await Promise.all(this.#partitions.map((partition) => partition.join()));
    await this.#checkAlone();
    this.#schedule();
  }

  #schedule(): void {
    const { lease } = this.directory;
    if (lease === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#schedule();
      for (const partition of this.#partitions) partition.tick();
    }, lease / 12);
  }

  /** @throws {DirectoryError} */
  async #checkClock(): Promise<void> {
    const before = this.#clock.wall();
    const time = await this.directory.time();
    const after = this.#clock.wall();
    const difference = time < before ? before - time : Math.max(0, time - after);
    if (difference <= maxClockDifference) return;
    throw new DirectoryError(
      'CLOCK_DIFFERS',
      `the clock of this machine is ${duration(Math.round(difference))} ${time < before ? 'ahead of' : 'behind'} the clock of ${this.directory.address}: set the clocks right (at most 1 minute of difference)`,
    );
  }

  /** Partitions that join at the same time share one check. @throws {DirectoryError} */
  #checkSettings(): Promise<void> {
    this.#checking ??= this.#compareSettings().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #compareSettings(): Promise<void> {
    const { lease, partitions, address } = this.directory;
    const own: ClusterSettings = { format, lease, partitions: partitions.length };
    const stored = await this.directory.agree(own);
    for (const name of ['format', 'lease', 'partitions'] as const) {
      if (stored[name] === own[name]) continue;
      throw new DirectoryError(
        'CLUSTER_SETTINGS',
        `${address} has a cluster of this name with another ${name} (${stored[name]}, here ${own[name]}): give all gates the same settings, or this cluster another name with --cluster`,
      );
    }
  }

  /** A gate of this name that was killed holds its lease until it ends; one that renews it is another gate. @throws {DirectoryError} */
  async #waitForName(): Promise<void> {
    const [first] = this.directory.partitions;
    let before: number | null = null;
    while (first && !this.#isClosed) {
      const leases = (await first.list()).filter(({ node }) => node === this.node);
      const left = Math.max(0, ...leases.map(({ leaseRemaining }) => leaseRemaining));
      if (left === 0) return;
      const isRenewed = before !== null && left > before;
      if (isRenewed || left === Number.POSITIVE_INFINITY) throw nodeInUse(this.node);
      before = left;
      await this.#pause(Math.min(left, this.directory.lease / 12));
    }
  }

  /** Two gates of one name that started at the same time: one of them leaves. @throws {DirectoryError} */
  async #checkAlone(): Promise<void> {
    const [first] = this.directory.partitions;
    const [own] = this.#partitions;
    const others = ((await first?.list()) ?? []).filter(
      ({ node, leaseRemaining, incarnation }) =>
        node === this.node && leaseRemaining > 0 && incarnation !== own?.incarnation,
    );
    const isFirst = others.every(({ incarnation }) =>
      isEarlier(own?.incarnation ?? '', incarnation),
    );
    if (!isFirst) throw nodeInUse(this.node);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimeout(resolve, ms);
    });
  }

  async #claim(
    claim: Omit<NameClaim, 'incarnation'>,
  ): Promise<MemberClaimOutcome | { readonly holders: readonly Holder[] }> {
    const partition = this.#partitionOf(claim.clientName);
    const outcome = await partition.claim(claim);
    if (outcome.outcome === 'granted') return { granted: true, epoch: outcome.epoch };
    if (outcome.outcome === 'held') return { holders: outcome.holders };
    const isProvisional = this.#options.claimsOnLoss === 'provisional' && !this.#isClosed;
    if (isProvisional && !partition.isLive) {
      if (partition.holdProvisionally(claim)) return { granted: true, epoch: null };
      return { granted: false, error: 'name-in-use', retryAfter: null };
    }
    return { granted: false, error: 'server-busy', retryAfter: busyRetry };
  }

  /** Whether a gate has missed its renewals. */
  #isOverdue(leaseRemaining: number): boolean {
    return leaseRemaining < this.directory.lease / 2;
  }

  /** Has the gates of the holders replace those that do not answer. */
  async #probe(holders: readonly Holder[]): Promise<void> {
    const nodes = new Set(holders.map(({ node }) => node));
    await Promise.all(
      [...nodes].map(async (node) => {
        const sessions = holders.filter((one) => one.node === node).map(({ session }) => session);
        try {
          if (node === this.node) await this.#makeRoom(sessions);
          else await this.messages.ask(node, 'make-room', sessions, probeAnswerTimeout);
        } catch (error) {
          this.#problem(toError(error));
        }
      }),
    );
  }

  /** Resolves when the silent ones of these sessions are over and the store knows it. */
  async #makeRoom(sessions: readonly string[]): Promise<void> {
    await this.#options.host.makeRoom(sessions);
    await Promise.all(this.#partitions.map((partition) => partition.released()));
  }

  #partitionOf(clientName: string): MemberPartition {
    return this.#of(this.directory.partitionOf(clientName).index);
  }

  #of(index: number): MemberPartition {
    return this.#partitions[index] as MemberPartition;
  }

  #changed(): void {
    this.#leaseEnd = { monotonic: 0, wall: 0 };
    const isLive = this.state === 'live';
    if (isLive === this.#wasLive) return;
    this.#wasLive = isLive;
    this.onChange(isLive ? 'live' : 'lost');
  }

  #problem(error: Error): void {
    if (!this.#isClosed) this.#options.host.problem(error);
  }
}

/** Whether an incarnation joined before another one. */
function isEarlier(one: string, other: string): boolean {
  return one.length === other.length ? one < other : one.length < other.length;
}

function nodeInUse(node: string): DirectoryError {
  return new DirectoryError(
    'NODE_NAME_IN_USE',
    `another live gate of the cluster is called ${node}: give this one another name with --node`,
  );
}
