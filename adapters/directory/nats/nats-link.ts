import type { NatsConnection } from '@nats-io/transport-node';
import { toError } from '../../runtime/errors.js';
import { DirectoryError } from '../errors.js';
import type { NatsPackages } from './load-packages.js';

/** The answer of the API of JetStream to a request. */
export interface ApiAnswer {
  readonly error?: {
    readonly code: number;
    readonly err_code: number;
    readonly description: string;
  };
}

interface NatsMessage {
  /** 0: the message has content. */
  readonly status: number;
  readonly subject: string;
  readonly reply: string;
  readonly text: string;
}

/** Numbers of errors of the API of JetStream. */
export const apiErrors = {
  messageNotFound: 10037,
  cannotDelete: 10057,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
};

/**
 * Requests to the server, each sent once. While the connection is lost, and until `open` is called afterwards, requests are rejected: the
 * client would keep them and send them after a reconnect, when the caller no longer waits.
 */
export class NatsLink {
  readonly connection: NatsConnection;
  /** Milliseconds that a request waits for its answer. */
  readonly timeout: number;
  readonly #packages: NatsPackages;
  readonly #address: string;
  #isOpen = true;
  /** Called when a stream does not exist. */
  onMissing = () => {};

  constructor(
    connection: NatsConnection,
    options: { packages: NatsPackages; address: string; timeout: number },
  ) {
    this.connection = connection;
    this.#packages = options.packages;
    this.#address = options.address;
    this.timeout = options.timeout;
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.connection.isClosed();
  }

  open(): void {
    this.#isOpen = true;
  }

  shut(): void {
    this.#isOpen = false;
  }

  /** @throws {DirectoryError} `DIRECTORY_UNREACHABLE` while the connection is lost */
  check(): void {
    if (!this.isOpen) throw this.unreachable('the connection is lost');
  }

  unreachable(problem: string, cause?: unknown): DirectoryError {
    const message = `the directory ${this.#address} cannot be reached: ${problem}`;
    return new DirectoryError('DIRECTORY_UNREACHABLE', message, { cause });
  }

  /**
   * @param head headers
   * @throws {DirectoryError} `DIRECTORY_UNREACHABLE`: whether the server has done what was requested is unknown
   */
  async request<T extends ApiAnswer>(
    subject: string,
    body: string,
    head: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    this.check();
    const headers = this.#packages.headers();
    for (const [name, value] of Object.entries(head)) headers.set(name, value);
    try {
      const options = { timeout: this.timeout, headers };
      const answer = (await this.connection.request(subject, body, options)).json<T>();
      if (answer.error?.err_code === apiErrors.streamNotFound) this.#missing();
      return answer;
    } catch (error) {
      if (error instanceof DirectoryError) throw error;
      const { message } = toError(error);
      // Nothing answers on the subjects of a stream that does not exist.
      if (message.includes('no responders')) this.#missing();
      throw this.unreachable(`no answer (${message})`, error);
    }
  }

  /** Waits until the server has read what was sent. */
  async flush(): Promise<void> {
    this.check();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.unreachable('no answer')), this.timeout);
    });
    try {
      await Promise.race([this.connection.flush(), late]);
    } catch (error) {
      throw error instanceof DirectoryError ? error : this.unreachable('no answer', error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Receives the messages that a request causes, until the result is called. */
  receive(subject: string, body: string, onMessage: (message: NatsMessage) => void): () => void {
    this.check();
    const reply = this.#packages.createInbox();
    const subscription = this.connection.subscribe(reply, {
      callback: (error, message) => {
        if (error) return;
        const { headers, reply = '', subject } = message;
        onMessage({ status: headers?.code ?? 0, reply, subject, text: message.string() });
      },
    });
    this.connection.publish(subject, body, { reply });
    return () => subscription.unsubscribe();
  }

  #missing(): never {
    this.onMissing();
    throw this.unreachable('its buckets do not exist');
  }
}
