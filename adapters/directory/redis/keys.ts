import { partitionIndexOf } from '../directory-names.js';

/** Hashes of names in a partition. With 512 fields or fewer, Redis keeps a hash of short fields as a compact list. */
const nameHashes = 256;
/** Hashes of the names of one incarnation in a partition. */
const indexHashes = 16;

/** Where a name is kept. */
export interface NamePlace {
  readonly partition: number;
  /** The hash of the index, 0 to 15. */
  readonly index: number;
  /** Which of the names hashes that belong to the hash of the index: one hexadecimal digit. */
  readonly digit: string;
}

/** The keys of a cluster. All keys of a partition have one hash tag, so that they are on one shard of a Redis Cluster. */
export class RedisKeys {
  readonly settings: string;
  /** Followed by the name of a node. The scripts make it from the key of a partition. */
  readonly nodeChannel: string;
  /** Heard by all nodes. */
  readonly clusterChannel: string;
  readonly #prefix: string;

  /** @param database in the names, because all databases of a server share the channels */
  constructor(cluster: string, database: number) {
    this.#prefix = database === 0 ? `ixg:${cluster}` : `ixg:${cluster}@${database}`;
    this.settings = `{${this.#prefix}:settings}`;
    this.nodeChannel = `${this.#prefix}:n:`;
    this.clusterChannel = `${this.#prefix}:all`;
  }

  partition(index: number): PartitionKeys {
    return new PartitionKeys(`{${this.#prefix}:${index}}`);
  }
}

export class PartitionKeys {
  readonly leases: string;
  readonly meta: string;
  readonly #tag: string;

  constructor(tag: string) {
    this.#tag = tag;
    this.leases = `${tag}l`;
    this.meta = `${tag}i`;
  }

  names({ index, digit }: NamePlace): string {
    return this.#names(index, Number.parseInt(digit, 16));
  }

  index(incarnation: string, index: number): string {
    return `${this.#tag}s:${incarnation}:${index}`;
  }

  /** The indexes of an incarnation. */
  indexes(incarnation: string): string[] {
    return Array.from({ length: indexHashes }, (_, index) => this.index(incarnation, index));
  }

  /** The names hashes that belong to one hash of an index. */
  namesOf(index: number): string[] {
    return Array.from({ length: nameHashes / indexHashes }, (_, digit) =>
      this.#names(index, digit),
    );
  }

  #names(index: number, digit: number): string {
    return `${this.#tag}n:${digit * indexHashes + index}`;
  }
}

/** @param partitions number of partitions */
export function placeOf(clientName: string, partitions: number): NamePlace {
  const place = partitionIndexOf(clientName, partitions * nameHashes);
  const hash = Math.floor(place / partitions);
  const digit = Math.floor(hash / indexHashes).toString(16);
  return { partition: place % partitions, index: hash % indexHashes, digit };
}

const escapeMark = '%';

/** A name as a field of a hash. Redis has bytes: a text with half of a surrogate pair would lose it. */
export function encodedName(clientName: string): string {
  const isPlain =
    !clientName.startsWith(escapeMark) &&
    // The first test is fast, and true for emoji as well.
    !(/[\ud800-\udfff]/.test(clientName) && /\p{Surrogate}/u.test(clientName));
  return isPlain ? clientName : escaped(clientName);
}

/** A session's id as a word without white space. */
export function encodedSession(session: string): string {
  return /^[!-$&-~][!-~]*$/.test(session) ? session : escaped(session);
}

/** The text that `encodedName` or `encodedSession` was given. */
export function decoded(text: string): string {
  if (!text.startsWith(escapeMark)) return text;
  return Buffer.from(text.slice(escapeMark.length), 'base64url').toString('utf16le');
}

function escaped(text: string): string {
  return escapeMark + Buffer.from(text, 'utf16le').toString('base64url');
}
