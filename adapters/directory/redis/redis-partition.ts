import type {
  ClaimOutcome,
  DirectoryPartition,
  HeldName,
  Holder,
  Incarnation,
  Kick,
  NameClaim,
  ReassertedName,
  Reassertion,
  Renewal,
} from '../directory.js';
import { DirectoryError } from '../errors.js';
import {
  decoded,
  encodedName,
  encodedSession,
  type NamePlace,
  type PartitionKeys,
  placeOf,
  type RedisKeys,
} from './keys.js';
import { LossDetector, type SentMark } from './loss-detector.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisScript } from './redis-scripts.js';

/** Names of one call of the script; each takes about 10 microseconds of the store. */
const reassertedAtOnce = 100;

export interface RedisPartitionOptions {
  readonly index: number;
  /** Number of partitions of the directory. */
  readonly partitions: number;
  readonly keys: RedisKeys;
  readonly connection: RedisConnection;
  /** Milliseconds. */
  readonly lease: number;
  /** Called when the store has lost something. */
  readonly onGap: (partition: DirectoryPartition) => void;
}

export class RedisPartition implements DirectoryPartition {
  readonly index: number;
  readonly #options: RedisPartitionOptions;
  readonly #keys: PartitionKeys;
  /** By incarnation of this gate. */
  readonly #losses = new Map<string, LossDetector>();

  constructor(options: RedisPartitionOptions) {
    this.#options = options;
    this.index = options.index;
    this.#keys = options.keys.partition(options.index);
  }

  async join(node: string): Promise<string> {
    const [incarnation] = await this.#run('join', [], [node, this.#lease()]);
    this.#losses.set(String(incarnation), new LossDetector());
    return String(incarnation);
  }

  async renew(incarnation: string): Promise<Renewal> {
    const losses = this.#lossesOf(incarnation);
    const sent = losses.sent();
    const [outcome, counted, kicks, ...expired] = await this.#run(
      'renew',
      [],
      [incarnation, this.#lease()],
    );
    if (outcome === 'lapsed') return this.#lapsed(incarnation);
    const isCountLost = losses.answered(sent, Number(counted), 0);
    if (losses.renewed(sent, Number(kicks)) || isCountLost) this.#options.onGap(this);
    return { outcome: 'renewed', expired: expired.map(String) };
  }

  async claim(claim: NameClaim): Promise<ClaimOutcome> {
    const { incarnation, clientName, session, cap, policy } = claim;
    const place = this.#placeOf(clientName);
    const losses = this.#lossesOf(incarnation);
    const sent = losses.sent();
    const [outcome, counted, ...rest] = await this.#write(
      losses,
      'claim',
      [this.#keys.names(place), this.#keys.index(incarnation, place.index)],
      [
        ...[incarnation, losses.fence, encodedName(clientName), encodedSession(session), cap],
        ...[policy === 'takeover' ? 1 : 0, place.digit],
      ],
    );
    if (outcome === 'lapsed') return this.#lapsed(incarnation);
    if (outcome === 'held') {
      this.#judge(losses, sent, counted, 0);
      return { outcome: 'held', holders: holdersOf(clientName, rest) };
    }
    this.#judge(losses, sent, counted, 1);
    const [epoch, ...victim] = rest;
    const [replaced = null] = holdersOf(clientName, victim);
    return { outcome: 'granted', epoch: Number(epoch), replaced };
  }

  async reassert(incarnation: string, names: readonly ReassertedName[]): Promise<Reassertion> {
    const lost: string[] = [];
    for (const [index, group] of this.#byIndex(names)) {
      for (let at = 0; at < group.length; at += reassertedAtOnce) {
        const batch = group.slice(at, at + reassertedAtOnce);
        const losses = this.#lossesOf(incarnation);
        const sent = losses.sent();
        const [outcome, counted, ...sessions] = await this.#write(
          losses,
          'reassert',
          this.#pageKeys(incarnation, index),
          [
            ...[incarnation, losses.fence],
            ...batch.flatMap(({ clientName, session, epoch, cap }) => [
              this.#placeOf(clientName).digit,
              encodedName(clientName),
              ...[encodedSession(session), epoch, cap],
            ]),
          ],
        );
        if (outcome === 'lapsed') return this.#lapsed(incarnation);
        this.#judge(losses, sent, counted, 1);
        lost.push(...sessions.map((session) => decoded(String(session))));
      }
    }
    return { outcome: 'reasserted', lost };
  }

  async release(incarnation: string, name: HeldName): Promise<void> {
    const losses = this.#lossesOf(incarnation);
    const sent = losses.sent();
    const [outcome, counted] = await this.#release(incarnation, name, 1);
    if (outcome === 'lapsed') this.#lapsed(incarnation);
    else this.#judge(losses, sent, counted, 1);
  }

  async held(incarnation: string): Promise<HeldName[]> {
    const indexes = this.#keys.indexes(incarnation);
    const pages = indexes.map(async (_, index) => {
      const names: HeldName[] = [];
      let cursor = '0';
      do {
        const losses = this.#lossesOf(incarnation);
        const sent = losses.sent();
        const args = [incarnation, cursor, losses.fence, 0];
        const keys = this.#pageKeys(incarnation, index);
        const [, counted, next, ...words] = await this.#run('page', keys, args);
        this.#judge(losses, sent, counted, 0);
        names.push(...heldNamesOf(words));
        cursor = String(next);
      } while (cursor !== '0');
      return names;
    });
    const all = (await Promise.all(pages)).flat();
    // A scan may return an entry twice.
    return [...new Map(all.map((name) => [name.epoch, name])).values()];
  }

  async sweep(incarnation: string): Promise<number> {
    const indexes = this.#keys.indexes(incarnation);
    let freed = 0;
    for (const index of indexes.keys()) {
      let cursor = '0';
      do {
        const keys = this.#pageKeys(incarnation, index);
        const [outcome, , next, ...words] = await this.#run('page', keys, [
          incarnation,
          cursor,
          0,
          1,
        ]);
        if (outcome === 'live') return freed;
        freed += words.length / wordsOfHeldName;
        cursor = String(next);
      } while (cursor !== '0');
    }
    await this.#run('forget', indexes, [incarnation]);
    this.#losses.delete(incarnation);
    return freed;
  }

  async leave(incarnation: string): Promise<void> {
    await this.#run('lapse', [], [incarnation]);
    await this.sweep(incarnation);
  }

  async list(): Promise<Incarnation[]> {
    const words = await this.#run('list', [], ['']);
    return chunksOf(words, 4).map(([incarnation, node, leaseRemaining, names]) => ({
      ...{ incarnation: String(incarnation), node: String(node) },
      ...{ leaseRemaining: Number(leaseRemaining), names: Number(names) },
    }));
  }

  async holders(clientName: string): Promise<Holder[]> {
    const key = this.#keys.names(this.#placeOf(clientName));
    return holdersOf(clientName, await this.#run('find', [key], ['', encodedName(clientName)]));
  }

  /** Reads a kick, without its first two words. @returns null when it is invalid */
  kickOf(text: string): Kick | null {
    const match = /^(\S+) (\d+) (\d+) (\S+) (\S+) (\d+) (.*)$/s.exec(text);
    if (!match) return null;
    const [, incarnation = '', number, epoch, session = '', node = '', byEpoch, name = ''] = match;
    const kick: Kick = {
      ...{ partition: this, incarnation, clientName: decoded(name), session: decoded(session) },
      ...{ epoch: Number(epoch), by: { node, epoch: Number(byEpoch) } },
    };
    const losses = this.#losses.get(incarnation);
    if (losses?.kickHeard(Number(number))) this.#options.onGap(this);
    // The gate that took the name does not know the key of this index.
    if (losses) this.#release(incarnation, kick, 0).catch(() => {});
    return kick;
  }

  #lapsed(incarnation: string): { readonly outcome: 'lapsed' } {
    this.#losses.delete(incarnation);
    return { outcome: 'lapsed' };
  }

  #lossesOf(incarnation: string): LossDetector {
    return this.#losses.get(incarnation) ?? new LossDetector();
  }

  #judge(losses: LossDetector, sent: SentMark, counted: unknown, writes: 0 | 1): void {
    if (losses.answered(sent, Number(counted), writes)) this.#options.onGap(this);
  }

  #release(incarnation: string, name: HeldName, isRelease: 0 | 1): Promise<unknown[]> {
    const { clientName, session, epoch } = name;
    const place = this.#placeOf(clientName);
    return this.#run(
      'release',
      [this.#keys.names(place), this.#keys.index(incarnation, place.index)],
      [incarnation, encodedName(clientName), encodedSession(session), epoch, isRelease],
    );
  }

  /** Runs a script that must not run after the next audit: an unknown outcome raises the fence. */
  async #write(
    losses: LossDetector,
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown[]> {
    let reply: unknown[];
    try {
      reply = await this.#run(script, keys, args);
    } catch (error) {
      losses.fence += 1;
      throw error;
    }
    if (reply[0] !== 'stale') return reply;
    const problem = 'the request arrived after the audit of its partition; it was not executed';
    throw new DirectoryError('DIRECTORY_UNREACHABLE', problem);
  }

  #run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown[]> {
    const { leases, meta } = this.#keys;
    return this.#options.connection.run(script, [leases, meta, ...keys], args);
  }

  /** In microseconds, as the scripts have it. */
  #lease(): number {
    return Math.round(this.#options.lease * 1_000);
  }

  #placeOf(clientName: string): NamePlace {
    return placeOf(clientName, this.#options.partitions);
  }

  #pageKeys(incarnation: string, index: number): string[] {
    return [this.#keys.index(incarnation, index), ...this.#keys.namesOf(index)];
  }

  #byIndex(names: readonly ReassertedName[]): Map<number, ReassertedName[]> {
    const groups = new Map<number, ReassertedName[]>();
    for (const name of names) {
      const { index } = this.#placeOf(name.clientName);
      const group = groups.get(index) ?? [];
      groups.set(index, group);
      group.push(name);
    }
    return groups;
  }
}

function holdersOf(clientName: string, words: readonly unknown[]): Holder[] {
  return chunksOf(words, 5).map(([incarnation, node, epoch, session, leaseRemaining]) => ({
    ...{ clientName, session: decoded(String(session)), epoch: Number(epoch) },
    ...{ node: String(node), incarnation: String(incarnation) },
    leaseRemaining: Number(leaseRemaining),
  }));
}

const wordsOfHeldName = 3;

function heldNamesOf(words: readonly unknown[]): HeldName[] {
  return chunksOf(words, wordsOfHeldName).map(([name, session, epoch]) => ({
    clientName: decoded(String(name)),
    ...{ session: decoded(String(session)), epoch: Number(epoch) },
  }));
}

function chunksOf(words: readonly unknown[], size: number): unknown[][] {
  return Array.from({ length: words.length / size }, (_, at) =>
    words.slice(at * size, (at + 1) * size),
  );
}
