import {
  errorCodes,
  eventAck,
  eventError,
  type ObservedArrow,
  referenceIdOf,
  type WireMessage,
} from '../../../machines/index.js';
import type { Settings } from './options.js';
import type { Act, ClientPath, Utterance } from './paths.js';
import type { Visit } from './visit.js';

/**
 * Plays a path on a connection, act by act, until it is over. Whatever is left open then is closed.
 * @returns false when the registration deadline came although the client had asked in time, and the server had more to do: the
 *   deadline is too short for the path, or this machine too slow.
 */
export async function playPath(
  path: ClientPath,
  visit: Visit,
  settings: Settings,
): Promise<boolean> {
  const play = new Play(visit, settings);
  let isCut = false;
  for (const act of path.acts) {
    if (visit.isOver) isCut ||= play.isAsked && visit.isTimedOut;
    else await play.act(act);
  }
  visit.end();
  return !isCut;
}

const other: WireMessage = { messageName: 'EventOfTheTester', referenceId: null };

/** Somebody else's: an id that no client begins to count at. */
const elsewhere = -1_234_567;

class Play {
  readonly #visit: Visit;
  readonly #settings: Settings;
  /** The last request's reference id. */
  #asked: number | null = null;
  #isAsked = false;

  constructor(visit: Visit, settings: Settings) {
    this.#visit = visit;
    this.#settings = settings;
  }

  /** Whether the client has asked to register. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  async act(act: Act): Promise<void> {
    switch (act.act) {
      case 'hear':
        return await this.#hear();
      case 'say':
        return await this.#say(act.what, act.how === 'byte-by-byte');
      case 'wait':
        return await this.#wait(this.#settings[act.time]);
      case 'listen':
        return await this.#wait(Number.POSITIVE_INFINITY);
      case 'refuse':
        return await this.#refuse();
      case 'drop':
        return this.#visit.end();
      case 'reset':
        return this.#visit.reset();
      case 'count-returns':
        return;
    }
  }

  async #hear(): Promise<void> {
    for (;;) {
      const heard = await this.#next(Number.POSITIVE_INFINITY);
      if (!heard || heard.messageName === 'RequestRegisterClient') return;
      this.#sayNotRegistered(heard);
    }
  }

  async #say(what: readonly Utterance[], isSpelled: boolean): Promise<void> {
    const [first] = what;
    if (first === 'no-message') return this.#visit.sayNoMessage();
    const messages = what.map((one) => this.#messageOf(one));
    if (isSpelled && messages[0]) await this.#visit.spell(messages[0]);
    else this.#visit.say(messages, first?.startsWith('foreign'));
  }

  /** Meanwhile it is a server as any other to a registered client. */
  async #wait(time: number): Promise<void> {
    const until = performance.now() + time;
    while (!this.#visit.isOver && performance.now() < until) {
      const heard = await this.#next(until - performance.now());
      if (!heard || !this.#visit.isRegistered) continue;
      const id = referenceIdOf(heard);
      const again = heard.messageName === 'RequestRegisterClient';
      const answer = again
        ? eventError(id, errorCodes['already-registered'], 'the client is registered already')
        : eventAck(id);
      this.#visit.say([answer]);
    }
  }

  async #refuse(): Promise<void> {
    while (!this.#visit.isOver) {
      const heard = await this.#next(Number.POSITIVE_INFINITY);
      if (heard?.messageName === 'RequestRegisterClient') await this.#say(['error'], false);
      else if (heard) this.#sayNotRegistered(heard);
    }
  }

  #sayNotRegistered(message: WireMessage): void {
    const code = errorCodes['not-registered'];
    this.#visit.say([eventError(referenceIdOf(message), code, 'the client is not registered')]);
  }

  /** The next message; null when none came in time. */
  async #next(patience: number): Promise<WireMessage | null> {
    const heard: ObservedArrow | null = await this.#visit.next(patience);
    const message = heard?.message ?? null;
    if (message?.messageName === 'RequestRegisterClient') {
      this.#isAsked = true;
      this.#asked = referenceIdOf(message);
    }
    return message;
  }

  #messageOf(what: Utterance): WireMessage {
    const id = this.#asked;
    const foreign = id === elsewhere ? elsewhere - 1 : elsewhere;
    const text = 'the client is refused by its tester';
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
