import type { DirectoryMember, MemberClaimOutcome, MemberState } from '../directory/member.js';
import { joinCluster } from '../directory/options.js';
import type { ManagedSession } from './admitted-connection.js';
import type { DirectoryStatus } from './gate-view.js';
import type { NamePolicy } from './name-policy.js';
import type { ServerSettings } from './options.js';

/** What shared names need of their gate. */
export interface SharedNamesHost {
  readonly settings: Pick<ServerSettings, 'namePolicy'>;
  /** Ends a session that has lost its name. */
  loseName(session: string, reason: 'replaced' | 'directory-lost'): void;
  /** Makes room among these sessions by the name policy. */
  makeRoomAmong(sessions: readonly string[]): boolean | Promise<boolean>;
  changed(state: MemberState): void;
  problem(error: Error): void;
}

/** A session that holds a name. */
type Holding = Pick<ManagedSession, 'id' | 'clientName'>;

/** Names that are shared with other processes: other workers of this gate, and other gates of a cluster. */
export interface SharedNames {
  /** The name of this gate in its cluster; null without one. */
  readonly node: string | null;
  /** Asks for a name of a session. It never rejects. */
  claim(session: string, clientName: string, cap: number): Promise<MemberClaimOutcome>;
  /** The session is over, or does not want the name any more. */
  release(holding: Holding): void;
  /** Ends the sessions that may not hold their names any more. Call it before acting for a registered client. */
  checkLeases(): void;
  /** Null for a name that was granted while the store was lost. */
  epochOf(holding: Holding): number | null;
}

/** The names that the gates of a cluster share: the claims of this gate's sessions, and the ends of those that have lost their name. */
export class DirectoryNames implements SharedNames {
  readonly #member: DirectoryMember;
  readonly #cluster: string;
  readonly #host: SharedNamesHost;

  /**
   * Joins the cluster.
   * @throws {DirectoryError}
   */
  static async open(
    settings: NonNullable<ServerSettings['directory']>,
    host: SharedNamesHost,
  ): Promise<DirectoryNames> {
    const member = await joinCluster(settings, {
      end: (id, reason) => host.loseName(id, reason),
      makeRoom: (sessions) => host.makeRoomAmong(sessions),
      problem: (error) => host.problem(error),
    });
    member.onChange = (state) => host.changed(state);
    return new DirectoryNames(member, settings.cluster, host);
  }

  private constructor(member: DirectoryMember, cluster: string, host: SharedNamesHost) {
    this.#member = member;
    this.#cluster = cluster;
    this.#host = host;
  }

  get member(): DirectoryMember {
    return this.#member;
  }

  get status(): DirectoryStatus {
    return directoryStatus(this.#member, this.#cluster);
  }

  get node(): string {
    return this.#member.node;
  }

  claim(session: string, clientName: string, cap: number): Promise<MemberClaimOutcome> {
    const policy = this.#host.settings.namePolicy as Exclude<NamePolicy, 'allow'>;
    return this.#member.claim({ session, clientName, cap, policy });
  }

  release({ id, clientName }: Holding): void {
    this.#member.release({ session: id, clientName });
  }

  checkLeases(): void {
    this.#member.checkLeases();
  }

  epochOf({ id, clientName }: Holding): number | null {
    return this.#member.epochOf({ session: id, clientName });
  }

  close(): Promise<void> {
    return this.#member.close();
  }
}

/** How a member stands with its store. */
export function directoryStatus(member: DirectoryMember, cluster: string): DirectoryStatus {
  const { node, state, names, claimsOnLoss, directory } = member;
  const { kind, address } = directory;
  return { kind, address, cluster, node, state, claimsOnLoss, names };
}
