import {
  type Case,
  type Configuration,
  deadlineOf,
  defaultDelays,
  type ExpectedStep,
  figureClients,
  kindOf,
  longestDelay,
  type ObservedArrow,
  referenceIdOf,
} from '../../../machines/index.js';
import { jsonCodec } from '../../wire/index.js';
import { Overheard } from '../overheard.js';
import type { FigureTarget } from '../target.js';
import { Judge, type PlayedStep } from './judge.js';
import { marginFor, type PlayCaseOptions } from './options.js';
import type { CaseDifference, CaseResult, SeenArrow } from './result.js';
import { frameFor, messageFor } from './said.js';
import type { Stalls } from './stalls.js';
import { TesterSession } from './tester-session.js';

/** Messages of a service that are let pass for one input. More is a flood. */
const mostMessages = 100;

/** How one play of a case ended, where it did not hold. */
type Ending =
  | { readonly kind: 'differs'; readonly difference: CaseDifference }
  /** This process was late: what came cannot be judged, and it may be otherwise the next time. */
  | { readonly kind: 'late'; readonly why: string }
  | { readonly kind: 'not-judged'; readonly why: string; readonly isUnknown: boolean };

export interface Played {
  readonly ending: Ending | null;
  readonly held: number;
  readonly seen: readonly SeenArrow[];
  readonly steps: CaseResult['steps'];
}

/**
 * Plays a case once on a connection of its own, until the first difference.
 * @throws {NotReachableError} when there is no connection to play on; the signal's reason when it is aborted.
 */
export async function playOnce(
  one: Case,
  target: FigureTarget,
  options: PlayCaseOptions,
  stalls: Stalls,
): Promise<Played> {
  const { connectTimeout = 5_000, maxFrame = 65_536, codec = jsonCodec, signal } = options;
  signal?.throwIfAborted();
  const connection = await target.open({ timeout: connectTimeout, maxFrame });
  const overheard = new Overheard(connection, codec, maxFrame);
  const hangUp = () => overheard.close();
  signal?.addEventListener('abort', hangUp, { once: true });
  try {
    const played = await new CasePlay(one, overheard, options, stalls).run();
    signal?.throwIfAborted();
    return played;
  } finally {
    signal?.removeEventListener('abort', hangUp);
    overheard.close();
  }
}

class CasePlay {
  readonly #case: Case;
  readonly #heard: Overheard;
  readonly #options: PlayCaseOptions;
  readonly #stalls: Stalls;
  readonly #session: TesterSession;
  readonly #timeouts: { registrationTimeout: number | null; rejectionTimeout: number | null };
  readonly #margin: number;
  readonly #patience: number;
  readonly #quiet: number;
  readonly #seen: SeenArrow[] = [];
  readonly #played: PlayedStep[] = [];
  #firstErrorAt: number | null = null;
  #lastErrorAt: number | null = null;
  /** The moment from which the running deadline counts may have been noted late. */
  #isDoubtful = false;
  #messages = 0;

  constructor(one: Case, heard: Overheard, options: PlayCaseOptions, stalls: Stalls) {
    this.#case = one;
    this.#heard = heard;
    this.#options = options;
    this.#stalls = stalls;
    this.#timeouts = options.timeouts ?? defaultDelays;
    this.#margin = options.margin ?? marginFor(this.#timeouts);
    this.#patience = options.patience ?? 2_000;
    this.#quiet = options.quiet ?? 30;
    this.#session = new TesterSession(one.id, options.onStep);
  }

  async run(): Promise<Played> {
    this.#note(this.#heard.said('connect'), null);
    this.#doubtIfStalled();
    let ending: Ending | null = null;
    let held = 0;
    for (const [index, step] of this.#case.steps.entries()) {
      ending = await this.#play(index, this.#asExpected(step));
      if (ending || this.#options.signal?.aborted) break;
      held = index + 1;
    }
    this.#session.end();
    return { ending, held, seen: this.#seen, steps: this.#session.steps };
  }

  async #play(index: number, step: ExpectedStep): Promise<Ending | null> {
    if (step.from === 'disconnected') return null;
    // What came since the last step is what came after it.
    const before = this.#played.at(-1) ?? this.#begin(index, step);
    const early = await this.#calm(this.#heard.elapsed, before, step.from);
    if (early) return early;
    const kind = kindOf(step.input);
    if (kind === 'time') return this.#wait(this.#begin(index, step));
    const deadline = this.#deadlineIn(step.from);
    if (deadline !== null && this.#heard.elapsed > deadline - this.#margin / 4)
      return late(`the tester came to say ${step.input} too close to the deadline`);
    return this.#say(this.#begin(index, step, kind));
  }

  /** Says what a step says. Of time that passes nothing is said. */
  #begin(index: number, step: ExpectedStep, kind: 'message' | 'frame' | null = null): PlayedStep {
    const { longestFrame = 65_536 } = this.#options;
    const { valid = figureClients.valid, invalid = figureClients.invalid } = this.#options;
    let said: string | null = null;
    let referenceId: number | null = null;
    const at = this.#heard.elapsed;
    if (kind === 'message') {
      this.#messages += 1;
      referenceId = this.#messages;
      const message = messageFor(step.input, referenceId, { valid, invalid });
      said = `${message.messageName} (reference id ${referenceId})`;
      this.#note(this.#heard.said('message', message), index);
    } else if (kind === 'frame') {
      const { bytes, what } = frameFor(step.input, this.#heard.framing, longestFrame);
      said = `a frame that is no message (${what})`;
      this.#note(this.#heard.saidBytes(bytes, what), index);
    }
    const played = { index, step, said, referenceId, at };
    const last = this.#played.at(-1);
    if (last?.index === index) this.#played.pop();
    this.#played.push(played);
    return played;
  }

  async #say(played: PlayedStep): Promise<Ending | null> {
    const { step } = played;
    const expected = step.output.split(' ').filter(Boolean);
    for (const output of expected) {
      const ending =
        output === 'closed'
          ? await this.#untilClosed(played)
          : output === 'service'
            ? null
            : await this.#answer(played, output);
      if (ending) return ending;
    }
    if (expected.includes('closed')) return null;
    const deadline = this.#deadlineIn(step.to);
    const quiet = this.#heard.elapsed + this.#quiet;
    // Shortly before a deadline there is no time to watch: what comes then is met by the next step.
    return this.#calm(
      deadline === null ? quiet : Math.min(quiet, deadline - this.#margin),
      played,
      step.to,
    );
  }

  /** A step of the case, with the answer of the service that is expected here. */
  #asExpected(step: ExpectedStep): ExpectedStep {
    const { answers } = this.#options;
    if (answers === undefined || !step.edges.includes('registered:OtherMessage')) return step;
    return { ...step, output: { ack: 'EventAck', none: '', any: 'service' }[answers] };
  }

  async #answer(played: PlayedStep, expected: string): Promise<Ending | null> {
    const { from } = played.step;
    const deadline = this.#deadlineIn(from);
    let end = this.#heard.elapsed + this.#patience;
    for (let passed = 0; ; passed += 1) {
      const left = end - this.#heard.elapsed;
      const seen = await this.#next(left, played.index);
      if (!seen) {
        if (left > 1 && !this.#options.signal?.aborted) continue;
        const stall = this.#stallSince(end - this.#patience);
        if (stall > this.#patience / 4) {
          // The server may be on this machine: while nobody could speak, nobody was silent.
          end = this.#heard.elapsed + this.#patience;
          continue;
        }
        return differs(this.#judge.silent(played, expected, this.#heard.elapsed - played.at));
      }
      if (seen.kind === 'disconnect') {
        const isDue = deadline !== null && seen.at >= deadline - this.#margin;
        if (!isDue) return differs(this.#judge.disconnectedEarly(played, expected, seen));
        if (played.at > deadline - 2 * this.#margin)
          return late('the deadline came before an answer could');
        return differs(this.#judge.silent(played, expected, seen.at - played.at));
      }
      if (this.#isService(seen, from, played)) {
        if (passed >= mostMessages) return differs(this.#judge.tooMany(played, seen, mostMessages));
        continue;
      }
      const difference = this.#judge.answer(played, expected, seen);
      if (difference) return differs(difference);
      if (expected === 'EventError' && from !== 'registered') this.#refusedAt(seen.at);
      return null;
    }
  }

  /** After a frame that is no message the connection is closed at once. */
  async #untilClosed(played: PlayedStep): Promise<Ending | null> {
    const seen = await this.#next(this.#patience, played.index);
    if (!seen) return differs(this.#judge.notClosed(played, this.#heard.elapsed - played.at));
    if (seen.kind === 'disconnect') return null;
    return differs(
      seen.kind === 'fault'
        ? this.#judge.noMessage(played, seen)
        : this.#judge.unasked(played, seen),
    );
  }

  async #wait(played: PlayedStep): Promise<Ending | null> {
    const { step } = played;
    const running = deadlineOf(step.from as Configuration);
    const deadline = this.#deadlineIn(step.from);
    if (running !== null && deadline === null)
      return {
        kind: 'not-judged',
        why: `the ${running} timeout of the server is not known`,
        isUnknown: true,
      };
    if (step.input === 'wait') {
      const until = (deadline ?? this.#heard.elapsed + 2 * this.#margin) - this.#margin;
      const ending = await this.#calm(until, played, step.from);
      const overslept = this.#heard.elapsed - until;
      if (ending || deadline === null || overslept <= this.#margin / 2) return ending;
      return late(`the tester came ${Math.round(overslept)} ms late out of its wait`);
    }
    if (deadline !== null) return this.#untilDeadline(played, deadline);
    const { registrationTimeout, rejectionTimeout } = this.#timeouts;
    const longest = Math.max(registrationTimeout ?? 0, rejectionTimeout ?? 0) || 1_000;
    return this.#calm(this.#heard.elapsed + longest + this.#margin, played, step.from);
  }

  /** Waits for the disconnect at a deadline. One that is late is waited for until it is clear that none comes. */
  async #untilDeadline(played: PlayedStep, deadline: number): Promise<Ending | null> {
    const { from } = played.step;
    const { registrationTimeout, rejectionTimeout } = this.#timeouts;
    const timeout = (from.endsWith('/rejection') ? rejectionTimeout : registrationTimeout) ?? 0;
    const end = deadline + timeout + 2 * this.#margin;
    for (;;) {
      const seen = await this.#next(end - this.#heard.elapsed, played.index);
      if (!seen) {
        if (this.#heard.elapsed < end - 1 && !this.#options.signal?.aborted) continue;
        return differs(this.#judge.neverDisconnected(played, from, this.#heard.elapsed));
      }
      if (seen.kind !== 'disconnect')
        return differs(
          seen.kind === 'fault'
            ? this.#judge.noMessage(played, seen)
            : this.#judge.unasked(played, seen),
        );
      const stall = this.#stallSince(deadline - 2 * this.#margin);
      if (this.#isDoubtful || stall > this.#margin / 2)
        return late(`the tester was held up for ${Math.round(stall)} ms around the deadline`);
      if (Math.abs(seen.at - deadline) <= this.#margin) return null;
      return differs(this.#judge.disconnected(played, from, seen));
    }
  }

  /** Watches that nothing comes until a moment. */
  async #calm(until: number, played: PlayedStep, from: string): Promise<Ending | null> {
    let passed = 0;
    for (;;) {
      const left = until - this.#heard.elapsed;
      const seen = await this.#next(left, played.index);
      if (!seen) {
        if (left <= 1 || this.#options.signal?.aborted) return null;
        continue;
      }
      if (seen.kind === 'disconnect') return this.#ended(played, from, seen);
      if (seen.kind === 'fault') return differs(this.#judge.noMessage(played, seen));
      if (!this.#isService(seen, from, null)) return differs(this.#judge.unasked(played, seen));
      passed += 1;
      if (passed > mostMessages) return differs(this.#judge.tooMany(played, seen, mostMessages));
    }
  }

  /** The connection ended while nothing was to come. At the deadline itself nobody can say that it is too early. */
  #ended(played: PlayedStep, from: string, seen: ObservedArrow): Ending {
    const deadline = this.#deadlineIn(from);
    const isDue = deadline !== null && Math.abs(seen.at - deadline) <= this.#margin;
    if (isDue) return late('the deadline came before the next input could be given');
    return differs(this.#judge.disconnected(played, from, seen));
  }

  /** What a service says to a registered client is not judged where nobody knows what it says. */
  #isService({ kind, message }: ObservedArrow, from: string, open: PlayedStep | null): boolean {
    if (!this.#isAny || kind !== 'message' || from !== 'registered') return false;
    if (!open || !message) return true;
    // A frame that is no message has no reference id, and its error has none.
    if (open.referenceId === null)
      return message.messageName !== 'EventError' || referenceIdOf(message) !== null;
    return referenceIdOf(message) !== open.referenceId;
  }

  /** Whether nobody knows what the service says. */
  get #isAny(): boolean {
    const { answers } = this.#options;
    if (answers !== undefined) return answers === 'any';
    return this.#case.steps.some(({ output }) => output === 'service');
  }

  #refusedAt(at: number): void {
    this.#lastErrorAt = at;
    if (this.#firstErrorAt !== null) return;
    this.#firstErrorAt = at;
    this.#doubtIfStalled();
  }

  #doubtIfStalled(): void {
    const stall = this.#stallSince(this.#heard.elapsed - this.#margin);
    this.#isDoubtful = stall > this.#margin / 2;
  }

  /** For how long this process was held up since a moment of the session. */
  #stallSince(at: number): number {
    return this.#stalls.longestSince(performance.now() - (this.#heard.elapsed - at));
  }

  /** When the deadline of a configuration is over, milliseconds since the connect; null where none runs or it is not known. */
  #deadlineIn(configuration: string): number | null {
    const { registrationTimeout, rejectionTimeout } = this.#timeouts;
    const running = deadlineOf(configuration as Configuration);
    if (running === 'registration') return registrationTimeout;
    if (running === null || rejectionTimeout === null || this.#firstErrorAt === null) return null;
    return this.#firstErrorAt + rejectionTimeout;
  }

  async #next(patience: number, step: number): Promise<ObservedArrow | null> {
    const seen =
      (await this.#heard.next(Math.min(patience, longestDelay))) ??
      (await this.#arrivedMeanwhile());
    if (seen) this.#note(seen, step);
    return seen;
  }

  /** A timer that is due comes before what the sockets have: what has arrived by now is asked for once more. */
  async #arrivedMeanwhile(): Promise<ObservedArrow | null> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#heard.next(0);
  }

  #note(arrow: ObservedArrow, step: number | null): void {
    this.#seen.push({ ...arrow, step });
    this.#session.note(arrow);
  }

  get #judge(): Judge {
    return new Judge({
      played: this.#played,
      firstErrorAt: this.#firstErrorAt,
      lastErrorAt: this.#lastErrorAt,
      ...this.#timeouts,
      margin: this.#margin,
      messages: this.#messages,
    });
  }
}

function differs(difference: CaseDifference): Ending {
  return { kind: 'differs', difference };
}

function late(why: string): Ending {
  return { kind: 'late', why };
}
