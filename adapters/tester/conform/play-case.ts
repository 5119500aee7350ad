import {
  type Case,
  type Configuration,
  deadlineOf,
  defaultDelays,
  type ExpectedStep,
  figureClients,
  kindOf,
  type ObservedArrow,
  referenceIdOf,
} from '../../../machines/index.js';
import { type Overheard, overhear } from '../overheard.js';
import type { FigureTarget } from '../target.js';
import { Conversation } from './conversation.js';
import { DeadlineJudge } from './deadline-judge.js';
import { Judge } from './judge.js';
import { marginFor, type PlayCaseOptions, type ServerTimeouts } from './options.js';
import type { CaseDifference, CaseResult, SeenArrow } from './result.js';
import { frameFor, messageFor } from './said.js';
import type { Stalls } from './stalls.js';
import type { PlayedStep } from './step-difference.js';
import { TesterSession } from './tester-session.js';

/** Messages of a service that are let pass for one input. More is a flood. */
const mostMessages = 10_000;

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
  return await overhear(target, options, (heard) =>
    new CasePlay(one, heard, options, stalls).run(),
  );
}

class CasePlay {
  readonly #case: Case;
  readonly #options: PlayCaseOptions;
  readonly #talk: Conversation;
  readonly #timeouts: ServerTimeouts;
  readonly #margin: number;
  readonly #patience: number;
  readonly #quiet: number;
  readonly #played: PlayedStep[] = [];
  #messages = 0;

  constructor(one: Case, heard: Overheard, options: PlayCaseOptions, stalls: Stalls) {
    const { timeouts = defaultDelays, margin = marginFor(timeouts), onStep } = options;
    this.#case = one;
    this.#options = options;
    this.#timeouts = timeouts;
    this.#margin = margin;
    this.#patience = options.patience ?? 2_000;
    this.#quiet = options.quiet ?? 30;
    const session = new TesterSession(one.id, onStep);
    this.#talk = new Conversation(heard, session, { timeouts, margin, stalls });
  }

  async run(): Promise<Played> {
    let ending: Ending | null = null;
    let held = 0;
    for (const [index, step] of this.#case.steps.entries()) {
      ending = await this.#play(index, this.#asExpected(step));
      if (ending || this.#isAborted) break;
      held = index + 1;
    }
    this.#talk.end();
    const { seen, steps } = this.#talk;
    return { ending, held, seen, steps };
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  async #play(index: number, step: ExpectedStep): Promise<Ending | null> {
    if (step.from === 'disconnected') return null;
    // What came since the last step is what came after it.
    const before = this.#played.at(-1) ?? this.#begin(index, step);
    const early = await this.#calm(this.#talk.elapsed, before, step.from);
    if (early) return early;
    const kind = kindOf(step.input);
    if (kind === 'time') return this.#wait(this.#begin(index, step));
    const deadline = this.#talk.deadlineIn(step.from);
    if (deadline !== null && this.#talk.elapsed > deadline - this.#margin / 4)
      return late(`the tester came to say ${step.input} too close to the deadline`);
    return this.#say(this.#begin(index, step, kind));
  }

  /** Says what a step says. Of time that passes nothing is said. */
  #begin(index: number, step: ExpectedStep, kind: 'message' | 'frame' | null = null): PlayedStep {
    const { longestFrame = 65_536 } = this.#options;
    const { valid = figureClients.valid, invalid = figureClients.invalid } = this.#options;
    let sent: string | null = null;
    let referenceId: number | null = null;
    const at = this.#talk.elapsed;
    if (kind === 'message') {
      this.#messages += 1;
      referenceId = this.#messages;
      const message = messageFor(step.input, referenceId, { valid, invalid });
      sent = `${message.messageName} (reference id ${referenceId})`;
      this.#talk.say(message, index);
    } else if (kind === 'frame') {
      const frame = frameFor(step.input, this.#talk.framing, longestFrame);
      sent = `an invalid frame (${frame.what})`;
      this.#talk.sayFrame(frame, index);
    }
    const played = { index, step, sent, referenceId, at };
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
    const deadline = this.#talk.deadlineIn(step.to);
    const quiet = this.#talk.elapsed + this.#quiet;
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
    const deadline = this.#talk.deadlineIn(from);
    const end = this.#talk.elapsed + this.#patience;
    for (let passed = 0; ; passed += 1) {
      const left = end - this.#talk.elapsed;
      const seen = await this.#talk.next(left, played.index);
      if (!seen) {
        if (left > 1 && !this.#isAborted) continue;
        const watched = this.#talk.elapsed - played.at;
        return this.#heldUp(played) ?? differs(this.#judge.silent(played, expected, watched));
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
      if (expected === 'EventError' && from !== 'registered') this.#talk.refused(seen.at);
      return null;
    }
  }

  /** After an invalid frame the connection is closed at once. What a service said meanwhile may still come. */
  async #untilClosed(played: PlayedStep): Promise<Ending | null> {
    const end = this.#talk.elapsed + this.#patience;
    for (let passed = 0; passed <= mostMessages; passed += 1) {
      const left = end - this.#talk.elapsed;
      const seen = await this.#talk.next(left, played.index);
      if (seen?.kind === 'disconnect') return null;
      if (seen && this.#isService(seen, played.step.from, played)) continue;
      if (seen) return differs(this.#judge.unasked(played, seen));
      if (left <= 1 || this.#isAborted) break;
    }
    const watched = this.#talk.elapsed - played.at;
    return this.#heldUp(played) ?? differs(this.#judge.notClosed(played, watched));
  }

  /** A server on this machine was held up with this process: while nobody could speak, nobody was silent. */
  #heldUp({ at }: PlayedStep): Ending | null {
    const stall = this.#talk.stallSince(at);
    if (stall <= this.#patience / 4) return null;
    return late(`the tester was held up for ${Math.round(stall)} ms while it waited for an answer`);
  }

  async #wait(played: PlayedStep): Promise<Ending | null> {
    const { step } = played;
    const running = deadlineOf(step.from as Configuration);
    const deadline = this.#talk.deadlineIn(step.from);
    if (running !== null && deadline === null)
      return {
        kind: 'not-judged',
        why: `the ${running} timeout of the server is not known`,
        isUnknown: true,
      };
    if (step.input === 'wait') {
      const until = (deadline ?? this.#talk.elapsed + 2 * this.#margin) - this.#margin;
      const ending = await this.#calm(until, played, step.from);
      const overslept = this.#talk.elapsed - until;
      if (ending || deadline === null || overslept <= this.#margin / 2) return ending;
      return late(`the tester came ${Math.round(overslept)} ms late out of its wait`);
    }
    if (deadline !== null) return this.#untilDeadline(played, deadline);
    const { registrationTimeout, rejectionTimeout } = this.#timeouts;
    const longest = Math.max(registrationTimeout ?? 0, rejectionTimeout ?? 0) || 1_000;
    return this.#calm(this.#talk.elapsed + longest + this.#margin, played, step.from);
  }

  /** Waits for the disconnect at a deadline. One that is late is waited for until it is clear that none comes. */
  async #untilDeadline(played: PlayedStep, deadline: number): Promise<Ending | null> {
    const { from } = played.step;
    const { registrationTimeout, rejectionTimeout } = this.#timeouts;
    const timeout = (from.endsWith('/rejection') ? rejectionTimeout : registrationTimeout) ?? 0;
    const end = deadline + timeout + 2 * this.#margin;
    for (;;) {
      const seen = await this.#talk.next(end - this.#talk.elapsed, played.index);
      if (!seen) {
        if (this.#talk.elapsed < end - 1 && !this.#isAborted) continue;
        return differs(this.#deadlines.neverDisconnected(played, from, this.#talk.elapsed));
      }
      if (seen.kind !== 'disconnect') return differs(this.#judge.unasked(played, seen));
      const stall = this.#talk.stallSince(deadline - 2 * this.#margin);
      if (this.#talk.isDoubtful || stall > this.#margin / 2)
        return late(`the tester was held up for ${Math.round(stall)} ms around the deadline`);
      if (Math.abs(seen.at - deadline) <= this.#margin) return null;
      return differs(this.#deadlines.disconnected(played, from, seen));
    }
  }

  /** Watches that nothing comes until a moment. */
  async #calm(until: number, played: PlayedStep, from: string): Promise<Ending | null> {
    let passed = 0;
    for (;;) {
      const left = until - this.#talk.elapsed;
      const seen = await this.#talk.next(left, played.index);
      if (!seen) {
        if (left <= 1 || this.#isAborted) return null;
        continue;
      }
      if (seen.kind === 'disconnect') return this.#ended(played, from, seen);
      if (!this.#isService(seen, from, null)) return differs(this.#judge.unasked(played, seen));
      passed += 1;
      if (passed > mostMessages) return differs(this.#judge.tooMany(played, seen, mostMessages));
    }
  }

  /** The connection ended while nothing was to come. At the deadline itself nobody can say that it is too early. */
  #ended(played: PlayedStep, from: string, seen: ObservedArrow): Ending {
    const deadline = this.#talk.deadlineIn(from);
    const isDue = deadline !== null && Math.abs(seen.at - deadline) <= this.#margin;
    if (isDue) return late('the deadline came before the next input could be given');
    return differs(this.#deadlines.disconnected(played, from, seen));
  }

  /** What a service says to a registered client is not judged where it is unknown what it says. */
  #isService({ kind, message }: ObservedArrow, from: string, open: PlayedStep | null): boolean {
    if (!this.#isAny || kind !== 'message' || from !== 'registered') return false;
    if (!open || !message) return true;
    // An invalid frame has no reference id, and its error has none.
    if (open.referenceId === null)
      return message.messageName !== 'EventError' || referenceIdOf(message) !== null;
    return referenceIdOf(message) !== open.referenceId;
  }

  /** Whether it is unknown what the service says. */
  get #isAny(): boolean {
    const { answers } = this.#options;
    if (answers !== undefined) return answers === 'any';
    return this.#case.steps.some(({ output }) => output === 'service');
  }

  get #judge(): Judge {
    return new Judge(this.#played);
  }

  get #deadlines(): DeadlineJudge {
    return new DeadlineJudge({
      played: this.#played,
      ...this.#talk.errors,
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
