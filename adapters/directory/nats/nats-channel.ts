import type { Subscription } from '@nats-io/transport-node';
import type { Kick } from '../directory.js';
import { DirectoryError } from '../errors.js';
import { HeardKicks } from './heard-kicks.js';
import type { NatsLink } from './nats-link.js';

/** A kick with its number. */
interface NumberedKick extends Omit<Kick, 'partition'> {
  /** The incarnation that has taken the name. */
  readonly from: string;
  /** 1 for the first name that it has taken from the other incarnation, and so on. */
  readonly number: number;
}

/** What a node hears, in the one partition. */
interface ChannelHandlers {
  kick(kick: Omit<Kick, 'partition'>): void;
  message(text: string): void;
  gap(): void;
}

/**
 * What nodes send each other: plain messages of NATS, which may be lost. Lost kicks are found by their numbers. A text begins with `M`, a
 * kick is JSON.
 */
export class NatsChannel {
  readonly #link: NatsLink;
  readonly #prefix: string;
  readonly heard = new HeardKicks();
  #handlers: ChannelHandlers | null = null;
  #subscriptions: readonly Subscription[] = [];

  /** @param prefix the beginning of subjects */
  constructor(link: NatsLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  async watch(node: string, handlers: ChannelHandlers): Promise<void> {
    this.#link.check();
    this.stop();
    this.#handlers = handlers;
    const subjects = [this.#subject(node), this.#subject(null)];
    this.#subscriptions = subjects.map((subject) =>
      this.#link.connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) return;
          try {
            this.#receive(message.string());
          } catch {
            // Another program uses the subject.
          }
        },
      }),
    );
    await this.#link.flush();
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#subscriptions = [];
    this.#handlers = null;
  }

  gap(): void {
    this.#call((handlers) => handlers.gap());
  }

  text(node: string | null, text: string): void {
    this.#send(node, `M${text}`);
  }

  kick(node: string, kick: NumberedKick): void {
    this.#send(node, JSON.stringify(kick));
  }

  #send(node: string | null, text: string): void {
    this.#link.check();
    const max = this.#link.connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    const length = Buffer.byteLength(text);
    if (length > max) {
      const problem = `a message of ${length} bytes is longer than the ${max} bytes that the NATS server allows`;
      throw new DirectoryError('DIRECTORY_UNSUPPORTED', problem);
    }
    this.#link.connection.publish(this.#subject(node), text);
  }

  #receive(text: string): void {
    if (text.startsWith('M')) {
      this.#call((handlers) => handlers.message(text.slice(1)));
      return;
    }
    const { from, number, ...kick } = JSON.parse(text) as NumberedKick;
    const isComplete = this.heard.hear(kick.incarnation, from, number);
    this.#call((handlers) => handlers.kick(kick));
    if (!isComplete) this.gap();
  }

  /** Later: the client stops reading when a callback throws. */
  #call(call: (handlers: ChannelHandlers) => void): void {
    const handlers = this.#handlers;
    if (handlers) queueMicrotask(() => call(handlers));
  }

  #subject(node: string | null): string {
    return node === null
      ? `${this.#prefix}.all`
      : `${this.#prefix}.n.${Buffer.from(node).toString('base64url')}`;
  }
}
