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
  #size = 0;

  /** @param now a monotonic clock, in milliseconds */
  constructor(now: () => number, max = maxBans) {
    this.#now = now;
    this.#max = max;
  }

  /** Number of bans, with those that have ended since the last change. */
  get size(): number {
    return this.#size;
  }

  /**
   * Bans an address or block; a second ban of it replaces the first.
   * @param duration milliseconds; null for no end
   * @returns the ban as it is in force
   * @throws {Error} for a text that is neither an address nor a block; {BansFullError}
   */
  add(text: string, duration: number | null): Ban {
    const block = blockOf(text);
    this.#removeEnded();
    const blocks = this.#blocksOf(block);
    const key = block.start.toString();
    if (!blocks.has(key)) {
      if (this.#size >= this.#max) throw new BansFullError(this.#max);
      this.#size += 1;
    }
    const until = duration === null ? Number.POSITIVE_INFINITY : this.#now() + duration;
    blocks.set(key, { ...block, until });
    return { source: block.source, remaining: duration };
  }

  /** Takes a ban back. @returns whether there was one @throws {Error} for a text that is neither an address nor a block */
  remove(text: string): boolean {
    const block = blockOf(text);
    this.#removeEnded();
    return this.#delete(block);
  }

  /** The longest remaining time of a ban on an address, in milliseconds; Infinity without an end, 0 when it is not banned. */
  remaining(address: string): number {
    if (this.#size === 0) return 0;
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

  /** All bans, those that end first at the start. */
  list(): Ban[] {
    this.#removeEnded();
    const now = this.#now();
    return this.#all()
      .sort((one, other) => one.until - other.until || one.source.localeCompare(other.source))
      .map(({ source, until }) => ({
        source,
        remaining: until === Number.POSITIVE_INFINITY ? null : until - now,
      }));
  }

  #all(): Block[] {
    return [...this.#byLength.values()].flatMap((blocks) => [...blocks.values()]);
  }

  #removeEnded(): void {
    const now = this.#now();
    for (const block of this.#all()) if (block.until <= now) this.#delete(block);
  }

  #delete(block: Pick<Block, 'start' | 'bits'>): boolean {
    const isThere = this.#blocksOf(block).delete(block.start.toString());
    if (isThere) this.#size -= 1;
    return isThere;
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
