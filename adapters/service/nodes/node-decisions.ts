import type { DirectoryMember } from '../../directory/member.js';
import type { Ban, ListedPenalty } from '../../server/limits/index.js';
import { longestPenalties } from '../penalties.js';
import type { RunningGate } from '../running-gate.js';
import type { Answers } from './answers.js';
import type { NodeList } from './node-list.js';

/** Milliseconds that a gate that joins waits for the decisions of another. */
const joinTimeout = 1_000;

/** The decisions that all gates obey. */
interface ClusterDecisions {
  readonly bans: readonly Ban[];
  /** Whether an operator drains all gates. */
  readonly isDraining: boolean;
}

/** The bans, penalties and drains of operators in the gates of a cluster. */
export class NodeDecisions {
  readonly #own: RunningGate;
  readonly #list: NodeList;
  readonly #answers: Answers;
  /** Whether all gates drain, also those that join later. */
  #drainsAll = false;

  constructor(own: RunningGate, member: DirectoryMember, list: NodeList, answers: Answers) {
    this.#own = own;
    this.#list = list;
    this.#answers = answers;
    const { messages } = member;
    messages.on('ban', (ban) => {
      const { source, remaining } = ban as Ban;
      own.ban(source, remaining);
    });
    messages.on('unban', (source) => own.unban(String(source)));
    messages.on('penalties', () => own.penalties());
    messages.on('clear-penalties', (address) => own.clearPenalties(address as string | null));
    messages.on('set-draining', (body) => {
      const { isDraining, all } = body as { isDraining: boolean; all: boolean };
      this.drainOwn(isDraining, all);
    });
    messages.on('decisions', (_body, from): ClusterDecisions => {
      list.joined(from);
      return { bans: own.banTable.list(), isDraining: this.#drainsAll };
    });
  }

  /** Learns the decisions of the other gates: when it joins, and when it has the store again, since it may have missed bans. */
  async learn(isJoining: boolean): Promise<void> {
    const others = await this.#list.others();
    // All are asked: one of them may not have a new ban yet.
    const asked = others.map((node) => this.#answers.ask(node, 'decisions', null, joinTimeout));
    for (const { answer } of await Promise.all(asked)) {
      if (answer === null) continue;
      const { bans, isDraining } = answer as ClusterDecisions;
      for (const { source, remaining } of bans) this.#own.ban(source, remaining);
      if (isDraining && isJoining) this.drainOwn(true, true);
    }
  }

  /** @param all whether all gates were drained or taken back */
  drainOwn(isDraining: boolean, all: boolean): void {
    // One gate that is taken back ends no drain of all the others.
    if (all) this.#drainsAll = isDraining;
    this.#own.view.setDraining(isDraining);
  }

  /** @throws as `Bans` does */
  ban(source: string, duration: number | null): Ban {
    const ban = this.#own.ban(source, duration);
    this.#tellAll('ban', ban);
    return ban;
  }

  /** @returns whether this gate had the ban @throws as `Bans` does */
  unban(source: string): boolean {
    const wasBanned = this.#own.unban(source);
    this.#tellAll('unban', source);
    return wasBanned;
  }

  /** The longest penalty of each address. */
  async penalties(): Promise<ListedPenalty[]> {
    const own = await this.#own.penalties();
    const others = await this.#askAll<readonly ListedPenalty[]>('penalties', null);
    return longestPenalties([own, ...others]);
  }

  async clearPenalties(address: string | null): Promise<number> {
    const known = address === null ? (await this.penalties()).length : 0;
    const own = await this.#own.clearPenalties(address);
    const others = await this.#askAll<number>('clear-penalties', address);
    return Math.max(known, own, ...others);
  }

  /** The answers of the other gates that answer. */
  async #askAll<Answer>(type: string, body: unknown): Promise<Answer[]> {
    const others = await this.#list.others();
    const outcomes = await Promise.all(others.map((node) => this.#answers.ask(node, type, body)));
    this.#answers.note(outcomes);
    return outcomes.flatMap(({ problem, answer }) => (problem === null ? [answer as Answer] : []));
  }

  #tellAll(type: string, body: unknown): void {
    this.#list.renew();
    this.#answers.track(
      this.#list.others().then((others) => {
        for (const node of others) this.#answers.send(node, type, body);
      }),
    );
  }
}
