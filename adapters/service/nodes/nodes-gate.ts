import type { SeatDelays } from '../../../machines/registration/chart/seat.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { LoadedConfig } from '../../config/index.js';
import type { ReloadOutcome } from '../../control/service-control.js';
import type { DirectoryMember } from '../../directory/member.js';
import type { OtherSessions, OtherSessionsReader } from '../../feed/index.js';
import type { Endpoint } from '../../net/transports/endpoint.js';
import { IxgateError } from '../../runtime/errors.js';
import { version } from '../../runtime/version.js';
import type {
  ClusterView,
  DirectoryStatus,
  NodeOutcome,
  NodeStatus,
  WorkerCounts,
} from '../../server/gate-view.js';
import type {
  GateCounts,
  GateView,
  SessionInfo,
  SessionView,
  ViewEvents,
} from '../../server/index.js';
import type { Ban, ListedPenalty } from '../../server/limits/index.js';
import type { RunningGate } from '../running-gate.js';
import { Answers, outcomeOf } from './answers.js';
import type { OwnStatus } from './messages.js';
import { NodeDecisions } from './node-decisions.js';
import { NodeList } from './node-list.js';
import { SessionMirrors } from './session-mirrors.js';
import { type HeldSteps, SessionsSent } from './sessions-sent.js';

/** Milliseconds that a reload of another gate may take: it reads a list of clients. */
const reloadTimeout = 30_000;

/** An operator names a gate that the cluster does not have. */
export class UnknownNodeError extends IxgateError {
  override readonly name = 'UnknownNodeError';
  constructor(node: string, known: readonly string[]) {
    super('UNKNOWN_NODE', `unknown node ${node}; the nodes are ${known.join(', ')}`);
  }
}

export interface NodesGateOptions {
  /** The gate of this process. */
  readonly own: RunningGate;
  readonly member: DirectoryMember;
  /** Whether a stop was announced. */
  readonly isStopping: () => boolean;
  /** The address of the admin port; null without one. */
  readonly admin: () => string | null;
  reload(): Promise<ReloadOutcome>;
}

/**
 * A gate of a cluster: its sessions are those of all gates, and what operators do to them, and their bans, reach all. Its events, counts
 * and state are those of this gate.
 */
export class NodesGate implements GateView, RunningGate, ClusterView, OtherSessions {
  readonly member: DirectoryMember;
  readonly #options: NodesGateOptions;
  readonly #own: RunningGate;
  readonly #list: NodeList;
  readonly #answers: Answers;
  readonly #mirrors: SessionMirrors;
  readonly #sent: SessionsSent;
  readonly #decisions: NodeDecisions;

  /** Learns the decisions that hold in the cluster. */
  static async open(options: NodesGateOptions): Promise<NodesGate> {
    const gate = new NodesGate(options);
    await gate.#decisions.learn(true);
    return gate;
  }

  private constructor(options: NodesGateOptions) {
    const { own, member } = options;
    const { messages } = member;
    this.#options = options;
    this.#own = own;
    this.member = member;
    this.#list = new NodeList(member);
    this.#answers = new Answers(messages);
    this.#mirrors = new SessionMirrors(member, this.#list, this.#answers);
    this.#sent = new SessionsSent(own.view, messages);
    this.#decisions = new NodeDecisions(own, member, this.#list, this.#answers);
    messages.on('node-status', () => this.#ownStatus());
    messages.on('reload', () => options.reload());
    own.view.on('directory', this.#directoryChanged);
  }

  get view(): this {
    return this;
  }

  get cluster(): this {
    return this;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#own.view.endpoints;
  }

  get delays(): SeatDelays {
    return this.#own.view.delays;
  }

  get isClosing(): boolean {
    return this.#own.view.isClosing;
  }

  get isDraining(): boolean {
    return this.#own.view.isDraining;
  }

  get isOverloaded(): boolean {
    return this.#own.view.isOverloaded;
  }

  get workers(): WorkerCounts | undefined {
    return this.#own.view.workers;
  }

  get directory(): DirectoryStatus | null {
    return this.#own.view.directory;
  }

  get recorder(): RunningGate['recorder'] {
    return this.#own.recorder;
  }

  get banTable(): RunningGate['banTable'] {
    return this.#own.banTable;
  }

  /** What the page of this gate holds of its sessions, for the pages of the other gates. */
  set held(held: HeldSteps) {
    this.#sent.held = held;
  }

  /** Of all gates, oldest first. Those of the other gates are as `look` has last found them. */
  sessions(): SessionInfo[] {
    const own = this.#own.view.sessions();
    const others = this.#mirrors.sessions;
    if (others.length === 0) return own;
    const all = [...own, ...others.map((session) => session.info())];
    return all.sort((one, other) => one.connectedAt - other.connectedAt);
  }

  session(id: string): SessionView | undefined {
    return this.#own.view.session(id) ?? this.#mirrors.session(id);
  }

  counts(): GateCounts {
    return this.#own.view.counts();
  }

  on<Name extends keyof ViewEvents>(
    name: Name,
    listener: (...what: ViewEvents[Name]) => void,
  ): unknown {
    return this.#own.view.on(name, listener);
  }

  off<Name extends keyof ViewEvents>(
    name: Name,
    listener: (...what: ViewEvents[Name]) => void,
  ): unknown {
    return this.#own.view.off(name, listener);
  }

  setDraining(isDraining: boolean): void {
    this.#decisions.drainOwn(isDraining, false);
  }

  look(): Promise<string[]> {
    return this.#mirrors.look();
  }

  settled(): Promise<string[]> {
    return this.#answers.settled();
  }

  async nodes(timeout?: number): Promise<NodeStatus[]> {
    const listed = await this.#list.read();
    const { node: ownNode } = this.member;
    const isListed = listed.some(({ node }) => node === ownNode);
    // The lease of this gate may have ended.
    const own = { node: ownNode, leaseRemaining: 0, names: this.member.names };
    const all = isListed ? listed : [...listed, own];
    const asked = all.map(async ({ node, leaseRemaining, names }): Promise<NodeStatus> => {
      const lease = { leaseRemaining: Math.round(leaseRemaining), names };
      if (node === ownNode) return { ...this.#ownStatus(), ...lease };
      const { answer } = await this.#answers.ask(node, 'node-status', null, timeout);
      return { ...((answer as OwnStatus | null) ?? unreachable(node)), ...lease };
    });
    const nodes = await Promise.all(asked);
    return nodes.sort((one, other) => (one.node < other.node ? -1 : 1));
  }

  drainNodes(node: string | null, isDraining: boolean): Promise<NodeOutcome[]> {
    const all = node === null;
    const own = async () => {
      this.#decisions.drainOwn(isDraining, all);
      return null;
    };
    return this.#each(node, own, { type: 'set-draining', body: { isDraining, all } });
  }

  reloadNodes(node: string | null): Promise<NodeOutcome[]> {
    const own = () => this.#options.reload();
    return this.#each(node, own, { type: 'reload', body: null, timeout: reloadTimeout });
  }

  /** Watches the sessions of the other gates and their steps until the returned function is called. */
  readOthers(reader: OtherSessionsReader): () => void {
    return this.#mirrors.read(reader);
  }

  /** First and last steps of a session of another gate; none where the gate does not answer. */
  async stepsOf(session: string): Promise<readonly StepRecord[]> {
    const owner = this.#mirrors.session(session)?.owner;
    if (typeof owner !== 'string') return [];
    const { answer } = await this.#answers.ask(owner, 'steps-of', session);
    return (answer ?? []) as StepRecord[];
  }

  ban(source: string, duration: number | null): Ban {
    return this.#decisions.ban(source, duration);
  }

  unban(source: string): boolean {
    return this.#decisions.unban(source);
  }

  penalties(): Promise<ListedPenalty[]> {
    return this.#decisions.penalties();
  }

  clearPenalties(address: string | null): Promise<number> {
    return this.#decisions.clearPenalties(address);
  }

  reconfigure(loaded: LoadedConfig, rereadList: boolean): Promise<void> {
    return this.#own.reconfigure(loaded, rereadList);
  }

  drain(): Promise<void> {
    return this.#own.drain();
  }

  async close(): Promise<void> {
    this.#own.view.off('directory', this.#directoryChanged);
    this.#mirrors.close();
    this.#sent.close();
    await this.#own.close();
  }

  readonly #directoryChanged = (state: 'live' | 'lost'): void => {
    if (state === 'live') void this.#decisions.learn(false);
  };

  #ownStatus(): OwnStatus {
    const { isClosing, isDraining, directory } = this;
    const { isStopping, admin, own } = this.#options;
    const { open, registered } = own.view.counts();
    return {
      node: this.member.node,
      state: isStopping() || isClosing ? 'stopping' : isDraining ? 'draining' : 'running',
      directory: directory?.state ?? null,
      version: version(),
      sessions: own.view.sessions().length,
      registered,
      open,
      admin: admin(),
    };
  }

  /** Does something in this gate, in another or in all. */
  async #each(
    node: string | null,
    own: () => Promise<unknown>,
    { type, body, timeout }: { type: string; body: unknown; timeout?: number },
  ): Promise<NodeOutcome[]> {
    const known = [this.member.node, ...(await this.#list.others())].sort();
    if (node !== null && !known.includes(node)) throw new UnknownNodeError(node, known);
    const wanted = node === null ? known : [node];
    return Promise.all(
      wanted.map((one) =>
        one === this.member.node
          ? outcomeOf(one, own)
          : this.#answers.ask(one, type, body, timeout),
      ),
    );
  }
}

function unreachable(node: string): OwnStatus {
  return {
    ...{ node, state: 'unreachable', directory: null, version: null },
    ...{ sessions: null, registered: null, open: null, admin: null },
  };
}
