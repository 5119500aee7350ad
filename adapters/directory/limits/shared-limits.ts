import { randomUUID } from 'node:crypto';
import { toError } from '../../runtime/errors.js';
import type { DirectoryMember, MemberState } from '../member.js';
import { type MemberClock, systemMemberClock } from '../member-clock.js';
import {
  type AllMessage,
  type ChangesMessage,
  limitMessages,
  partsOf,
  rowOf,
  type Sender,
  type SharedPenalty,
} from './limit-messages.js';
import { OwnCounts } from './own-counts.js';
import { maxSources, PeerCounts } from './peer-counts.js';
import { type SourceChange, SourceChanges } from './source-changes.js';

/** What shared limits need of their gate. */
export interface SharedLimitsHost {
  /** Counts what other gates count. */
  countOthers(changes: readonly SourceChange[]): void;
  /** The penalties that this gate knows, the longest first. */
  penalties(): readonly SharedPenalty[] | Promise<readonly SharedPenalty[]>;
  /** Makes penalties at least as long as these. */
  learnPenalties(penalties: readonly SharedPenalty[]): void;
  problem(error: Error): void;
}

export interface SharedLimitsOptions {
  readonly member: Pick<DirectoryMember, 'node' | 'messages' | 'state' | 'directory'>;
  readonly host: SharedLimitsHost;
  /** @default real clocks */
  readonly clock?: MemberClock | undefined;
}

/** For a gate that does not share limits: ignores the messages of those that do. */
export function ignoreSharedLimits({ messages }: Pick<DirectoryMember, 'messages'>): void {
  for (const type of Object.values(limitMessages)) messages.on(type, () => {});
}

/** Milliseconds from a change to the message that tells it; longer from 20 gates on, so that a gate hears 200 messages a second at most. */
const interval = 100;
const intervalPerPeer = 5;
/** Milliseconds after which a gate with unregistered connections sends a message at the latest. */
const maxSilence = 2_000;
/** Milliseconds that such a message may be late. */
const maxLate = 3_000;
/** Milliseconds from one question to a gate to the next. */
const askInterval = 2_000;
/** Milliseconds between two looks at the other gates. */
const lookInterval = 1_000;
/** Maximum number of penalties that a gate tells one that asks. */
const maxPenalties = 10_000;

/**
 * Shares with the other gates of a cluster what each counts for a source, so that the limits of addresses and blocks hold for all gates:
 * unregistered connections, registered clients, tokens of `registrationRate` and `errorRate`, and penalties. `maxConnections` and
 * `maxUnregistered` stay limits of each gate: they protect its memory.
 *
 * N gates may admit what arrives within 100 ms (from 20 gates on 5 ms for each) more than one gate would; then they agree. Tokens that were
 * taken too often are taken from the following ones, so the rates hold over time.
 *
 * A gate sends its changes to all others in numbered messages, and nothing while nothing changes. A gate that misses a message, or joins,
 * asks the others for their counts. The counts of a gate are removed when it leaves or its lease ends, and while it has unregistered
 * connections but is silent for 5 seconds. A gate that has lost the store forgets the counts of the others. A lost message about
 * registered clients alone is found with the next message.
 */
export class SharedLimits {
  readonly #options: SharedLimitsOptions;
  readonly #clock: MemberClock;
  readonly #run = randomUUID().slice(0, 8);
  readonly #peers = new Map<string, PeerCounts>();
  readonly #own = new OwnCounts();
  readonly #pending = new SourceChanges();
  /** Gates to which all is being sent. */
  readonly #answering = new Set<string>();
  #number = 0;
  #isLive: boolean;
  #isClosed = false;
  #isSending = false;
  /** A gate was sent counts that the messages do not have yet. */
  #isAhead = false;
  #isListing = false;
  #batchTimer: unknown = null;
  #lookTimer: unknown;
  #spokeAt: number;
  /** When all gates were asked for everything. */
  #askedAllAt = Number.NEGATIVE_INFINITY;
  #listedAt: number;

  /** Begins to share: asks the other gates what they count. */
  constructor(options: SharedLimitsOptions) {
    const { member, clock = systemMemberClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#isLive = member.state === 'live';
    this.#spokeAt = clock.now();
    this.#listedAt = clock.now();
    this.#listen();
    this.#look();
    if (this.#isLive) this.#askAll();
  }

  /** What the other gates count. */
  get others(): SourceChange[] {
    const sums = new SourceChanges();
    for (const peer of this.#peers.values()) for (const one of peer.counted()) sums.add(one);
    return sums.all();
  }

  /** This gate has counted something. */
  counted(change: SourceChange): void {
    this.#own.add(change);
    if (!this.#isLive || this.#isClosed) return;
    if (this.#pending.size >= maxSources && !this.#pending.has(change.source)) {
      // As if a message was lost: the others ask for everything.
      this.#number += 1;
      return;
    }
    this.#pending.add(change);
    this.#schedule();
  }

  /** The gate has lost the store, or has it again. */
  memberChanged(state: MemberState): void {
    const isLive = state === 'live';
    if (isLive === this.#isLive || this.#isClosed) return;
    this.#isLive = isLive;
    if (isLive) {
      // No gate has heard of what was counted meanwhile.
      this.#number += 1;
      this.#askAll();
    } else {
      this.#pending.take();
      for (const node of [...this.#peers.keys()]) this.#forget(node);
    }
  }

  /** Tells the other gates that this one leaves. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#batchTimer);
    this.#clock.clearTimeout(this.#lookTimer);
    if (this.#isLive) await this.#send(null, limitMessages.left, null);
  }

  get #sender(): Sender {
    return { run: this.#run, number: this.#number };
  }

  #listen(): void {
    const { messages, node } = this.#options.member;
    const on = (type: string, heard: (body: unknown, from: string) => void) =>
      messages.on(type, (body, from) => {
        if (from !== node && this.#isLive && !this.#isClosed) heard(body, from);
      });
    on(limitMessages.changes, (body, from) => this.#changed(body as ChangesMessage, from));
    on(limitMessages.ask, (body, from) => {
      this.#heard(body as Sender, from);
      void this.#sendAll(from);
    });
    on(limitMessages.all, (body, from) => this.#all(body as AllMessage, from));
    on(limitMessages.penalties, (body) =>
      this.#options.host.learnPenalties(body as readonly SharedPenalty[]),
    );
    on(limitMessages.left, (_, from) => this.#forget(from));
  }

  #changed({ run, number, sources }: ChangesMessage, from: string): void {
    if (sources === undefined) {
      this.#heard({ run, number }, from);
      return;
    }
    const peer = this.#peer({ run, number: number - 1 }, from);
    this.#count(peer.changed(number, sources, this.#room));
    this.#askIfIncomplete(peer, from);
  }

  #all(message: AllMessage, from: string): void {
    const peer = this.#peer(message, from);
    this.#count(peer.part(message, this.#room));
  }

  #heard(sender: Sender, from: string): void {
    const peer = this.#peer(sender, from);
    peer.heard(sender.number);
    this.#askIfIncomplete(peer, from);
  }

  /** The counts of a gate. A gate that was restarted has none. @param number of its message before this one */
  #peer({ run, number }: Sender, node: string): PeerCounts {
    const known = this.#peers.get(node);
    const now = this.#clock.now();
    if (known?.run === run) {
      known.heardAt = now;
      return known;
    }
    if (known) this.#forget(node);
    const peer = new PeerCounts(run, number, now, this.#askedAllAt);
    this.#peers.set(node, peer);
    return peer;
  }

  get #room(): { left: number } {
    let left = maxSources;
    for (const { size } of this.#peers.values()) left -= size;
    return { left };
  }

  #count(changes: readonly SourceChange[]): void {
    if (changes.length > 0) this.#options.host.countOthers(changes);
  }

  #forget(node: string): void {
    const peer = this.#peers.get(node);
    if (!peer) return;
    this.#peers.delete(node);
    this.#count(peer.gone());
  }

  #askAll(): void {
    this.#askedAllAt = this.#clock.now();
    void this.#send(null, limitMessages.ask, this.#sender);
  }

  #askIfIncomplete(peer: PeerCounts, node: string): void {
    const now = this.#clock.now();
    if (peer.isComplete || now - peer.askedAt < askInterval) return;
    peer.askedAt = now;
    void this.#send(node, limitMessages.ask, this.#sender);
  }

  async #sendAll(node: string): Promise<void> {
    if (this.#answering.has(node)) return;
    this.#answering.add(node);
    try {
      this.#isAhead ||= this.#pending.size > 0;
      const sender = this.#sender;
      const parts = partsOf(this.#own.rows(2 * maxSources));
      for (const [part, sources] of parts.entries()) {
        const all: AllMessage = { ...sender, part, parts: parts.length, sources };
        await this.#send(node, limitMessages.all, all);
      }
      const penalties = (await this.#options.host.penalties()).slice(0, maxPenalties);
      if (penalties.length === 0) return;
      for (const some of partsOf(penalties)) await this.#send(node, limitMessages.penalties, some);
    } catch (error) {
      this.#options.host.problem(toError(error));
    } finally {
      this.#answering.delete(node);
    }
  }

  #schedule(): void {
    if (this.#batchTimer !== null || this.#isSending) return;
    const wait = Math.max(interval, intervalPerPeer * this.#peers.size);
    this.#batchTimer = this.#clock.setTimeout(() => {
      this.#batchTimer = null;
      void this.#sendChanges();
    }, wait);
  }

  /** Sends the changes, one message at a time: while the store is slow, changes add up. */
  async #sendChanges(): Promise<void> {
    this.#isSending = true;
    const changes = this.#pending.take(this.#isAhead);
    this.#isAhead = false;
    if (changes.length > 0) {
      for (const some of partsOf(changes)) {
        this.#number += 1;
        const sources = some.map((change) => rowOf(change, this.#own.of(change.source)));
        await this.#send(null, limitMessages.changes, { ...this.#sender, sources });
      }
    }
    this.#isSending = false;
    if (this.#pending.size > 0 && !this.#isClosed) this.#schedule();
  }

  /** Sends a message that may be lost: a failure is a lost message, and the membership reports a store that does not answer. */
  async #send(node: string | null, type: string, body: unknown): Promise<void> {
    if (node === null) this.#spokeAt = this.#clock.now();
    await this.#options.member.messages.send(node, type, body).catch(() => {});
  }

  /** Looks after the other gates, and shows them that this one is there, again and again. */
  #look(): void {
    this.#lookTimer = this.#clock.setTimeout(() => {
      this.#look();
      if (!this.#isLive) return;
      const now = this.#clock.now();
      const silence = Math.max(maxSilence, intervalPerPeer * this.#peers.size);
      if (this.#own.unregistered > 0 && now - this.#spokeAt >= silence) {
        void this.#send(null, limitMessages.changes, this.#sender);
      }
      for (const [node, peer] of [...this.#peers]) {
        const isDue = peer.unregistered > 0 || !peer.isComplete;
        if (isDue && now - peer.heardAt >= silence + maxLate) {
          this.#forget(node);
          void this.#send(node, limitMessages.ask, this.#sender);
        } else this.#askIfIncomplete(peer, node);
      }
      void this.#forgetLapsed(now);
    }, lookInterval);
  }

  /** Asks the store for the live gates when one was silent for a lease. */
  async #forgetLapsed(now: number): Promise<void> {
    const { lease, partitions } = this.#options.member.directory;
    const wait = Math.max(lease, lookInterval);
    const isQuiet = [...this.#peers.values()].some(({ heardAt }) => now - heardAt >= wait);
    if (!isQuiet || this.#isListing || now - this.#listedAt < wait) return;
    this.#isListing = true;
    // A store that does not answer is lost soon; then all are forgotten.
    const listed = await partitions[0]?.list().catch(() => null);
    this.#isListing = false;
    this.#listedAt = this.#clock.now();
    if (!listed) return;
    const live = new Set(
      listed.filter(({ leaseRemaining }) => leaseRemaining > 0).map(({ node }) => node),
    );
    for (const [node, { heardAt }] of [...this.#peers]) {
      if (!live.has(node) && heardAt <= now) this.#forget(node);
    }
  }
}
