import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../machines/text/clock.js';
import { IxgateError, toError } from '../runtime/errors.js';

/** Milliseconds that a request waits for the answer of another node. */
const answerTimeout = 2_000;
/** Maximum number of requests of this node that wait for an answer. */
const maxWaiting = 10_000;

/** Why a node gave no answer. */
export class NodeAnswerError extends IxgateError {
  override readonly name = 'NodeAnswerError';
  constructor(
    readonly node: string,
    problem: string,
    code: 'NODE_NO_ANSWER' | 'NODE_FAILED' = 'NODE_NO_ANSWER',
  ) {
    super(code, `node ${node}: ${problem}`);
  }
}

/** Handles a request of another node. What it returns or resolves to is the answer, as JSON. */
export type NodeHandler = (body: unknown, from: string) => unknown;

type Envelope =
  | {
      readonly type: string;
      readonly from: string;
      readonly id: string | null;
      readonly body: unknown;
    }
  | { readonly answers: string; readonly body: unknown }
  | { readonly answers: string; readonly error: string };

/** Requests and answers between the nodes of a cluster, as JSON texts that may be lost. */
export class NodeMessages {
  readonly #node: string;
  readonly #send: (node: string | null, text: string) => Promise<void>;
  readonly #handlers = new Map<string, NodeHandler>();
  readonly #waiting = new Map<string, (envelope: { body?: unknown; error?: string }) => void>();
  readonly #problem: (error: Error) => void;
  readonly #clock: Clock;

  constructor(
    node: string,
    send: (node: string | null, text: string) => Promise<void>,
    problem: (error: Error) => void,
    clock: Clock = systemClock,
  ) {
    this.#node = node;
    this.#send = send;
    this.#problem = problem;
    this.#clock = clock;
  }

  /** Handles the requests of one type. */
  on(type: string, handler: NodeHandler): void {
    this.#handlers.set(type, handler);
  }

  /** Tells a node, or all nodes (null; this one included), without an answer. */
  tell(node: string | null, type: string, body: unknown): void {
    void this.deliver(node, type, body);
  }

  /** As `tell`. Resolves when the text is sent, or could not be sent, which is a problem of the host. */
  async deliver(node: string | null, type: string, body: unknown): Promise<void> {
    const envelope: Envelope = { type, from: this.#node, id: null, body };
    try {
      await this.#send(node, JSON.stringify(envelope));
    } catch (error) {
      this.#problem(toError(error));
    }
  }

  /**
   * Asks a node.
   * @param timeout milliseconds
   * @throws {NodeAnswerError} when the node does not answer in time or its handler failed
   */
  async ask(node: string, type: string, body: unknown, timeout = answerTimeout): Promise<unknown> {
    if (this.#waiting.size >= maxWaiting) throw new NodeAnswerError(node, 'too many requests wait');
    const id = randomUUID();
    let timer: unknown;
    try {
      const answer = new Promise<{ body?: unknown; error?: string }>((resolve, reject) => {
        this.#waiting.set(id, resolve);
        const late = () => reject(new NodeAnswerError(node, `no answer within ${timeout} ms`));
        timer = this.#clock.setTimeout(late, timeout);
      });
      const envelope: Envelope = { type, from: this.#node, id, body };
      const sent = this.#send(node, JSON.stringify(envelope));
      const { body: answered, error } = await Promise.race([answer, sent.then(() => answer)]);
      if (error !== undefined) throw new NodeAnswerError(node, error, 'NODE_FAILED');
      return answered;
    } finally {
      this.#clock.clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** As `tell`, for a sender that reports failures itself. @throws {DirectoryError} when the store does not take it */
  async send(node: string | null, type: string, body: unknown): Promise<void> {
    const envelope: Envelope = { type, from: this.#node, id: null, body };
    await this.#send(node, JSON.stringify(envelope));
  }

  /** A text that was sent to this node. */
  receive(text: string): void {
    const envelope = envelopeOf(text);
    if (envelope === null) return;
    if ('answers' in envelope) this.#waiting.get(envelope.answers)?.(envelope);
    else void this.#handle(envelope);
  }

  async #handle({
    type,
    from,
    id,
    body,
  }: Extract<Envelope, { readonly type: string }>): Promise<void> {
    const handler = this.#handlers.get(type);
    try {
      if (!handler) throw new Error(`unknown request ${type}`);
      const answer = await handler(body, from);
      if (id !== null) await this.#answer(from, { answers: id, body: answer ?? null });
    } catch (thrown) {
      const error = toError(thrown);
      if (id === null) this.#problem(error);
      else await this.#answer(from, { answers: id, error: error.message }).catch(this.#problem);
    }
  }

  async #answer(node: string, envelope: Envelope): Promise<void> {
    await this.#send(node, JSON.stringify(envelope));
  }
}

/** Null for a text that is not an envelope, e.g. one of a later version. */
function envelopeOf(text: string): Envelope | null {
  try {
    const { type, from, id = null, answers, ...rest } = Object(JSON.parse(text));
    if (typeof answers === 'string') return { answers, ...rest };
    if (typeof type !== 'string' || typeof from !== 'string') return null;
    return { type, from, id, body: rest.body };
  } catch {
    return null;
  }
}
