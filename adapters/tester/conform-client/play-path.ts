import { errorCodes } from '../../../machines/registration/chart/error-codes.js';
import {
  eventAck,
  eventError,
  referenceIdOf,
  type WireMessage,
} from '../../../machines/registration/chart/messages.js';
import type { ClientSession } from './client-session.js';
import type { Settings } from './options.js';
import type { Act, ClientPath, ServerFrame } from './paths.js';

/**
 * Plays the acts of a path on a connection, and closes it at the end.
 * @returns false when the registration deadline expired although the client had registered in time and the server had more acts: the
 *   deadline is too short for the path, or this machine is too slow.
 */
export async function playPath(
  path: ClientPath,
  session: ClientSession,
  settings: Settings,
): Promise<boolean> {
  const play = new Play(session, settings);
  let isCut = false;
  for (const act of path.acts) {
    if (session.isOver) isCut ||= play.hasRequest && session.isTimedOut;
    else await play.act(act);
  }
  session.end();
  return !isCut;
}

const other: WireMessage = { messageName: 'EventOfTheTester', referenceId: null };

/** An unrelated reference id: clients do not start to count here. */
const unrelatedId = -1_234_567;

class Play {
  readonly #session: ClientSession;
  readonly #settings: Settings;
  /** The reference id of the last request. */
  #requestId: number | null = null;
  #hasRequest = false;

  constructor(session: ClientSession, settings: Settings) {
    this.#session = session;
    this.#settings = settings;
  }

  /** Whether the client has sent RequestRegisterClient. */
  get hasRequest(): boolean {
    return this.#hasRequest;
  }

  async act(act: Act): Promise<void> {
    switch (act.act) {
      case 'await-request':
        return await this.#awaitRequest();
      case 'send':
        return await this.#send(act.what, act.how === 'byte-by-byte');
      case 'wait':
        return await this.#wait(this.#settings[act.time]);
      case 'stay-silent':
        return await this.#wait(Number.POSITIVE_INFINITY);
      case 'refuse':
        return await this.#refuse();
      case 'drop':
        return this.#session.end();
      case 'reset':
        return this.#session.reset();
      case 'count-reconnects':
        return;
    }
  }

  async #awaitRequest(): Promise<void> {
    for (;;) {
      const message = await this.#next(Number.POSITIVE_INFINITY);
      if (!message || message.messageName === 'RequestRegisterClient') return;
      this.#sendNotRegistered(message);
    }
  }

  async #send(what: readonly ServerFrame[], byteByByte: boolean): Promise<void> {
    const [first] = what;
    if (first === 'invalid-frame') return this.#session.sendInvalidFrame();
    const messages = what.map((one) => this.#messageOf(one));
    if (byteByByte && messages[0]) await this.#session.sendByteByByte(messages[0]);
    else this.#session.send(messages, first?.startsWith('foreign'));
  }

  /** Waits, and answers a registered client as any server does. */
  async #wait(time: number): Promise<void> {
    const until = performance.now() + time;
    while (!this.#session.isOver && performance.now() < until) {
      const message = await this.#next(until - performance.now());
      if (!message || !this.#session.isRegistered) continue;
      const id = referenceIdOf(message);
      const again = message.messageName === 'RequestRegisterClient';
      const answer = again
        ? eventError(id, errorCodes['already-registered'], 'the client is registered already')
        : eventAck(id);
      this.#session.send([answer]);
    }
  }

  async #refuse(): Promise<void> {
    while (!this.#session.isOver) {
      const message = await this.#next(Number.POSITIVE_INFINITY);
      if (message?.messageName === 'RequestRegisterClient') await this.#send(['error'], false);
      else if (message) this.#sendNotRegistered(message);
    }
  }

  #sendNotRegistered(message: WireMessage): void {
    const code = errorCodes['not-registered'];
    this.#session.send([eventError(referenceIdOf(message), code, 'the client is not registered')]);
  }

  /** The next message, or null after a timeout in milliseconds. */
  async #next(timeout: number): Promise<WireMessage | null> {
    const arrow = await this.#session.next(timeout);
    const message = arrow?.message ?? null;
    if (message?.messageName === 'RequestRegisterClient') {
      this.#hasRequest = true;
      this.#requestId = referenceIdOf(message);
    }
    return message;
  }

  #messageOf(what: ServerFrame): WireMessage {
    const id = this.#requestId;
    const foreign = id === unrelatedId ? unrelatedId - 1 : unrelatedId;
    const text = 'the tester refuses the client';
    switch (what) {
      case 'ack':
        return eventAck(id);
      case 'foreign-ack':
        return eventAck(foreign);
      case 'error':
        return eventError(id, errorCodes['invalid-client'], text);
      case 'busy':
        return eventError(id, errorCodes['server-busy'], text);
      case 'foreign-error':
        return eventError(foreign, errorCodes['invalid-client'], text);
      default:
        return other;
    }
  }
}
