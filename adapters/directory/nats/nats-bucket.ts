import { type ApiAnswer, apiErrors, type NatsLink } from './nats-link.js';
import { microsecondsOf } from './store-time.js';

/** The value of a key. */
export interface StoredValue<T> {
  readonly key: string;
  readonly value: T;
  /** The sequence number of the stream. */
  readonly revision: number;
  /** When the server has stored it, in whole microseconds since 1970. */
  readonly time: number;
}

interface BucketState {
  /** When the stream was created; the same for the life of the stream. */
  readonly created: string;
  readonly lastRevision: number;
}

interface MessageAnswer extends ApiAnswer {
  readonly message?: { subject: string; seq: number; data?: string; time: string };
}

interface InfoAnswer extends ApiAnswer {
  readonly created: string;
  readonly state: { readonly last_seq: number };
}

interface PutAnswer extends ApiAnswer {
  readonly seq: number;
}

interface ConsumerAnswer extends ApiAnswer {
  readonly name: string;
  readonly num_pending: number;
}

/** Errors of a removal: the message is gone. */
const removedBefore: readonly number[] = [apiErrors.messageNotFound, apiErrors.cannotDelete];

/** Values that are requested at a time when a bucket is read. */
const batchSize = 1_000;

/** Milliseconds after which the server tells that it has fewer values than it had counted. */
const quietTime = 100;

/**
 * A key-value bucket with JSON values. It does what `KV` of `@nats-io/kv` does on the same stream, with what that one has not: times in
 * microseconds, reads from the leader of the stream only, no request sent twice, and a limit for each request.
 */
export class NatsBucket<T> {
  readonly name: string;
  readonly #link: NatsLink;

  constructor(link: NatsLink, name: string) {
    this.#link = link;
    this.name = name;
  }

  async get(key: string): Promise<StoredValue<T> | null> {
    return withValue(await this.#message({ last_by_subj: this.#subject(key) }));
  }

  /** One revision, unless it was removed. */
  async at(revision: number): Promise<StoredValue<T> | null> {
    return withValue(await this.#message({ seq: revision }));
  }

  /**
   * Writes a value if the key has the expected revision: 0 for a key that does not exist, null for any.
   * @returns the new revision; null if the key has another one
   */
  async put(key: string, value: T, expected: number | null): Promise<number | null> {
    const revision = await this.#put(key, value, expected);
    if (revision !== null || expected !== 0) return revision;
    // Another program may have deleted the key, which leaves a mark.
    const mark = await this.#message({ last_by_subj: this.#subject(key) });
    return mark && !withValue(mark) ? await this.#put(key, value, mark.revision) : null;
  }

  /** Removes a key without a trace, unless it has a revision that is higher. */
  async remove(key: string, revision: number): Promise<void> {
    this.#checked(await this.#api('PURGE', { filter: this.#subject(key), seq: revision + 1 }));
  }

  /** Removes one revision, fast: an earlier one of the key, if there is one, is its value then. */
  async removeRevision(revision: number): Promise<void> {
    const answer = await this.#api<ApiAnswer>('MSG.DELETE', { seq: revision, no_erase: true });
    if (!removedBefore.includes(answer.error?.err_code ?? 0)) this.#checked(answer);
  }

  async state(): Promise<BucketState> {
    const { created, state } = this.#checked(await this.#api<InfoAnswer>('INFO', {}));
    return { created, lastRevision: state.last_seq };
  }

  /** All keys, or those that begin with `prefix.`. A value that is changed meanwhile may be the old one, the new one or missing. */
  async scan(prefix?: string): Promise<StoredValue<T>[]> {
    const stream = `KV_${this.name}`;
    const config = {
      filter_subject: this.#subject(prefix === undefined ? '>' : `${prefix}.>`),
      ...{ deliver_policy: 'last_per_subject', ack_policy: 'none', replay_policy: 'instant' },
      ...{ inactive_threshold: 10e9, mem_storage: true, num_replicas: 1 },
    };
    const body = JSON.stringify({ stream_name: stream, config });
    const subject = `$JS.API.CONSUMER.CREATE.${stream}`;
    const created = this.#checked(await this.#link.request<ConsumerAnswer>(subject, body));
    const consumer = `${stream}.${created.name}`;
    const found: StoredValue<T>[] = [];
    let left = created.num_pending;
    try {
      while (left > 0) left = (await this.#fetch(consumer, found)) ?? (await this.#left(consumer));
      return found;
    } finally {
      await this.#link.request(`$JS.API.CONSUMER.DELETE.${consumer}`, '').catch(() => {});
    }
  }

  async #put(key: string, value: T, expected: number | null): Promise<number | null> {
    const head =
      expected === null ? {} : { 'Nats-Expected-Last-Subject-Sequence': String(expected) };
    const body = JSON.stringify(value);
    const answer = await this.#link.request<PutAnswer>(this.#subject(key), body, head);
    if (answer.error?.err_code === apiErrors.wrongLastSequence) return null;
    return this.#checked(answer).seq;
  }

  /** Adds the next values. @returns how many are left; null if the server sends fewer than it had: some were removed meanwhile */
  #fetch(consumer: string, found: StoredValue<T>[]): Promise<number | null> {
    const body = JSON.stringify({ batch: batchSize, no_wait: true, expires: quietTime * 1e6 });
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${consumer}`;
    let count = 0;
    return new Promise((resolve, reject) => {
      const late = () => finish(() => reject(this.#link.unreachable('a list did not arrive')));
      const timer = setTimeout(late, this.#link.timeout + quietTime);
      const stop = this.#link.receive(subject, body, ({ status, reply, ...message }) => {
        if (status >= 400) return finish(() => resolve(null));
        const { revision, time, left } = positionOf(reply);
        const stored = withValue(this.#stored(message.subject, message.text, revision, time));
        if (stored) found.push(stored);
        count += 1;
        if (left === 0 || count === batchSize) finish(() => resolve(left));
      });
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        stop();
        settle();
      };
    });
  }

  async #left(consumer: string): Promise<number> {
    const subject = `$JS.API.CONSUMER.INFO.${consumer}`;
    return this.#checked(await this.#link.request<ConsumerAnswer>(subject, '')).num_pending;
  }

  async #message(query: object): Promise<StoredValue<T | undefined> | null> {
    const answer = await this.#api<MessageAnswer>('MSG.GET', query);
    if (answer.error?.err_code === apiErrors.messageNotFound) return null;
    const { message } = this.#checked(answer);
    if (!message) return null;
    const text = Buffer.from(message.data ?? '', 'base64').toString();
    return this.#stored(message.subject, text, message.seq, microsecondsOf(message.time));
  }

  #stored(
    subject: string,
    text: string,
    revision: number,
    time: number,
  ): StoredValue<T | undefined> {
    const key = subject.slice(this.#subject('').length);
    return { key, value: parsed<T>(text), revision, time };
  }

  #api<A extends ApiAnswer>(what: string, body: object): Promise<A> {
    return this.#link.request<A>(`$JS.API.STREAM.${what}.KV_${this.name}`, JSON.stringify(body));
  }

  #checked<A extends ApiAnswer>(answer: A): A {
    if (answer.error) throw this.#link.unreachable(answer.error.description);
    return answer;
  }

  #subject(key: string): string {
    return `$KV.${this.name}.${key}`;
  }
}

/**
 * What the reply subject of a message tells: `$JS.ACK`, stream, consumer, deliveries, sequence number of the stream, of the consumer,
 * nanoseconds, number of messages that are left. A newer form has the domain and the account before the stream, and a token at the end.
 */
function positionOf(reply: string): { revision: number; time: number; left: number } {
  const tokens = reply.split('.');
  const [revision, , time = '', left] = tokens.slice(tokens.length > 9 ? 7 : 5);
  return { revision: Number(revision), time: Number(time.slice(0, -3)), left: Number(left) };
}

/** Undefined for the mark of a deleted key, and for what another program has written. */
function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function withValue<T>(stored: StoredValue<T | undefined> | null): StoredValue<T> | null {
  return stored?.value === undefined ? null : (stored as StoredValue<T>);
}
