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

  get(key: string): Promise<StoredValue<T> | null> {
    return this.#message({ last_by_subj: this.#subject(key) });
  }

  /** One revision, unless it was removed. */
  at(revision: number): Promise<StoredValue<T> | null> {
    return this.#message({ seq: revision });
  }

  /**
   * Writes a value if the key has the expected revision: 0 for a key that does not exist, null for any.
   * @returns the new revision; null if the key has another one
   */
  async put(key: string, value: T, expected: number | null): Promise<number | null> {
    const head =
      expected === null ? {} : { 'Nats-Expected-Last-Subject-Sequence': String(expected) };
    const body = JSON.stringify(value);
    const answer = await this.#link.request<ApiAnswer & { seq: number }>(
      this.#subject(key),
      body,
      head,
    );
    if (answer.error?.err_code === apiErrors.wrongLastSequence) return null;
    return this.#checked(answer).seq;
  }

  /** Removes a key without a trace, unless it has a revision that is higher. */
  async remove(key: string, revision: number): Promise<void> {
    this.#checked(await this.#api('PURGE', { filter: this.#subject(key), seq: revision + 1 }));
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
    const { name, num_pending } = this.#checked(
      await this.#link.request<ApiAnswer & { name: string; num_pending: number }>(
        `$JS.API.CONSUMER.CREATE.${stream}`,
        body,
      ),
    );
    try {
      return num_pending === 0 ? [] : await this.#receive(`${stream}.${name}`);
    } finally {
      await this.#link.request(`$JS.API.CONSUMER.DELETE.${stream}.${name}`, '').catch(() => {});
    }
  }

  #receive(consumer: string): Promise<StoredValue<T>[]> {
    const batch = 1_000;
    const body = JSON.stringify({ batch, no_wait: true });
    const found: StoredValue<T>[] = [];
    return new Promise((resolve, reject) => {
      const late = () => finish(() => reject(this.#link.unreachable('a list did not arrive')));
      let timer = setTimeout(late, this.#link.timeout);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        receiving.stop();
        settle();
      };
      const receiving = this.#link.receive(
        `$JS.API.CONSUMER.MSG.NEXT.${consumer}`,
        body,
        ({ status, subject, reply, text }) => {
          if (status >= 400) return finish(() => resolve(found));
          const { revision, time, left } = positionOf(reply);
          found.push(this.#stored(subject, text, revision, time));
          if (left === 0) return finish(() => resolve(found));
          if (found.length % batch !== 0) return;
          clearTimeout(timer);
          timer = setTimeout(late, this.#link.timeout);
          receiving.again();
        },
      );
    });
  }

  async #message(query: object): Promise<StoredValue<T> | null> {
    const answer = await this.#api<MessageAnswer>('MSG.GET', query);
    if (answer.error?.err_code === apiErrors.noMessage) return null;
    const { message } = this.#checked(answer);
    if (!message) return null;
    const text = Buffer.from(message.data ?? '', 'base64').toString();
    return this.#stored(message.subject, text, message.seq, microsecondsOf(message.time));
  }

  #stored(subject: string, text: string, revision: number, time: number): StoredValue<T> {
    const key = subject.slice(this.#subject('').length);
    return { key, value: JSON.parse(text) as T, revision, time };
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
