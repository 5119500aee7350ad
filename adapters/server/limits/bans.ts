import {
  blockFrom,
  firstOf,
  type IpAddress,
  parseAddress,
} from '../../net/addresses/source-set.js';
import { IxgateError } from '../../runtime/errors.js';

/** A banned address or block of addresses. */
export interface Ban {
  /** As the gate writes it: `192.0.2.7` or `192.0.2.0/24`. */
  readonly source: string;
  /** Milliseconds left; null without an end. */
  readonly remaining: number | null;
}

/** The table of bans is full. */
export class BansFullError extends IxgateError {
  override readonly name = 'BansFullError';
  constructor(max: number) {
    super('BANS_FULL', `the gate has ${max} bans, its maximum; take some back, or ban a block`);
  }
}

/** Maximum number of bans. */
const maxBans = 10_000;

interface Block {
  readonly source: string;
  readonly start: IpAddress;
  readonly bits: number;
  /** On the clock of the table; Infinity without an end. */
  until: number;
}

/**
 * Addresses and blocks that an operator banned. A lookup costs one comparison for each different prefix length, whatever the number of
 * bans.
 */
export class Bans {
  readonly #now: () => number;
  readonly #max: number;
  /** By kind and prefix length, e.g. `ipv4/24`, then by the first address of the block. */
  readonly #byLength = new Map<string, Map<string, Block>>();
  /** Number of blocks in the table, including ended ones. */
  #stored = 0;

  /** @param now a monotonic clock, in milliseconds */
  constructor(now: () => number, max = maxBans) {
    this.#now = now;
    this.#max = max;
  }

  /** Number of bans in force. */
  get size(): number {
    const now = this.#now();
    let size = 0;
    for (const { until } of this.#all()) if (until > now) size += 1;
    return size;
  }

  /**
   * Bans an address or block; a second ban of it replaces the first.
   * @param duration milliseconds; null for no end
   * @returns the ban as it is in force
   * @throws {Error} for a text that is neither an address nor a block; {BansFullError}
   */
  add(text: string, duration: number | null): Ban {
    const block = blockOf(text);
    const key = block.start.toString();
    if (!this.#blocksOf(block).has(key)) {
      // Ended bans stay until the table is full: to look for them costs a pass over all.
      if (this.#stored >= this.#max) this.#removeEnded();
      if (this.#stored >= this.#max) throw new BansFullError(this.#max);
      this.#stored += 1;
    }
    const until = duration === null ? Number.POSITIVE_INFINITY : this.#now() + duration;
    this.#blocksOf(block).set(key, { ...block, until });
    return { source: block.source, remaining: duration };
  }

  /** Takes a ban back. @returns whether it was in force @throws {Error} for a text that is neither an address nor a block */
  remove(text: string): boolean {
    const block = blockOf(text);
    const blocks = this.#blocksOf(block);
    const key = block.start.toString();
    const known = blocks.get(key);
    if (!known) return false;
    blocks.delete(key);
    this.#stored -= 1;
    return known.until > this.#now();
  }

  /** The longest remaining time of a ban on an address, in milliseconds; Infinity without an end, 0 when it is not banned. */
  remaining(address: string): number {
    if (this.#stored === 0) return 0;
    const parsed = parseAddress(address);
    if (parsed === null) return 0;
    let until = 0;
    for (const [length, blocks] of this.#byLength) {
      const [kind, bits] = length.split('/');
      if (kind !== parsed.kind()) continue;
      const found = blocks.get(firstOf(parsed, Number(bits)).toString());
      if (found) until = Math.max(until, found.until);
    }
    return Math.max(0, until - this.#now());
  }

  /** The bans in force, those that end first at the start. */
  list(): Ban[] {
    const now = this.#now();
    return [...this.#all()]
      .filter(({ until }) => until > now)
      .sort((one, other) => compare(one.until, other.until) || compare(one.source, other.source))
      .map(({ source, until }) => ({
        source,
        remaining: until === Number.POSITIVE_INFINITY ? null : until - now,
      }));
  }

  *#all(): Generator<Block> {
    for (const blocks of this.#byLength.values()) yield* blocks.values();
  }

  #removeEnded(): void {
    const now = this.#now();
    for (const [length, blocks] of this.#byLength) {
      for (const [key, { until }] of blocks) {
        if (until > now) continue;
        blocks.delete(key);
        this.#stored -= 1;
      }
      if (blocks.size === 0) this.#byLength.delete(length);
    }
  }

  #blocksOf({ start, bits }: Pick<Block, 'start' | 'bits'>): Map<string, Block> {
    const length = `${start.kind()}/${bits}`;
    const blocks = this.#byLength.get(length) ?? new Map<string, Block>();
    this.#byLength.set(length, blocks);
    return blocks;
  }
}

function blockOf(text: string): Omit<Block, 'until'> {
  const [address, bits] = blockFrom(text);
  const start = firstOf(address, bits);
  const whole = start.kind() === 'ipv4' ? 32 : 128;
  return { start, bits, source: bits === whole ? start.toString() : `${start}/${bits}` };
}

/** Infinity equals itself, which a difference would not show. */
function compare<Value extends number | string>(one: Value, other: Value): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
