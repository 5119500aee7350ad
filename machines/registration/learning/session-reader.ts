/** Step records as sessions for the passive learner. */
import type { PassiveSession } from '../../engine/learning/passive-session.js';
import { closedOutput, silence } from '../../engine/learning/timed-machine.js';
import { errorNameOf } from '../chart/error-codes.js';
import { isRegisterName } from '../chart/message-events.js';
import type { DisconnectReason } from '../chart/seat.js';
import { lifelines } from '../figures/figures.js';
import { speakerOf } from '../figures/session-arrows.js';
import type { StepRecord } from '../session/step.js';
import type { ServerInput } from '../sut/inputs.js';

/** A step that may still get its answer. */
interface Pending {
  inputs: readonly string[];
  output: string | null;
  readonly at: number;
  answeredAt: number;
  readonly referenceId: number | null;
}

/** Ends that the figure does not describe: rules of the server, an operator, a broken connection. */
const outside: ReadonlySet<DisconnectReason> = new Set([
  'transport-error',
  'handshake-failed',
  'connect-failed',
  'reply-timeout',
  'slow-reader',
  'too-many-errors',
  'replaced',
  'revoked',
  'kicked',
  'directory-lost',
  'drained',
]);

/** Maximum number of steps that are kept of a session; later ones are not judged. */
const maxSteps = 1_000;
/** A server that closes this soon after a message, in milliseconds, may not have read it. */
const unread = 50;

const [client] = lifelines;
const frames: readonly ServerInput[] = ['not-json', 'no-name', 'too-long'];

/** Reads the records of one session in their order. */
export class SessionReader {
  readonly #name: string;
  readonly #steps: Pending[] = [];
  #connectedAt = 0;
  #lasted = 0;
  #hasBegun = false;
  #hasConnect = true;
  /** Later records are not read, because something is missing before them. */
  #isCut = false;
  #goesBack = false;
  /** The last message to a registered client that answers none of its requests. */
  #last: string | null = null;
  /** The reason of an end that the figure does not describe. */
  #outside: DisconnectReason | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  /** The reason of an end that the figure does not describe; null without one. Such an end is not judged. */
  get outside(): DisconnectReason | null {
    return this.#outside;
  }

  /** The session so far; null when its beginning is missing or its time goes back. */
  get session(): PassiveSession | null {
    if (!this.#hasBegun || this.#goesBack) return null;
    const steps = this.#steps.map(({ referenceId: _, ...step }) => step);
    return { name: this.#name, steps, lasted: this.#lasted, hasConnect: this.#hasConnect };
  }

  add(step: StepRecord): void {
    const { observed } = step;
    const isIncomplete = observed?.missing != null || observed?.inferred.includes('request');
    if (isIncomplete || this.#steps.length >= maxSteps) this.#isCut = true;
    if (this.#isCut) return;
    if (step.from === 'connecting') {
      this.#hasBegun = step.to !== 'disconnected';
      const isInferred = observed?.inferred.some(
        (one) => one === 'connect' || one === 'connection',
      );
      this.#hasConnect = !isInferred;
      this.#connectedAt = step.at;
      return;
    }
    // An observer holds a request back until the one before is answered, so its elapsed time is too late.
    const at = step.at - this.#connectedAt;
    if (step.kind === 'message' && speakerOf(step) === client) this.#asked(step, at);
    else {
      if (at < this.#lasted) this.#goesBack = true;
      if (step.kind === 'message') this.#answered(step, at);
      else this.#ended(step, at);
    }
    this.#lasted = Math.max(this.#lasted, at);
  }

  #asked({ name, referenceId, from }: StepRecord, at: number): void {
    const isRegister = isRegisterName(name);
    const inputs: ServerInput[] = isRegister
      ? ['register', 'register-invalid', 'register-malformed']
      : [name === 'EventAck' ? 'event-ack' : 'other'];
    // The service may answer a registered client, or not.
    const output = from === 'registered' && !isRegister ? '' : null;
    const step: Pending = { inputs, output, at, answeredAt: at, referenceId };
    const before = this.#steps.findLastIndex((one) => one.at <= at);
    this.#steps.splice(before + 1, 0, step);
    if (output !== null) return;
    // An answer that came while the request was held back.
    const early = this.#steps.findIndex(
      (one, index) => index > before + 1 && one.inputs[0] === silence,
    );
    const answer = this.#steps[early];
    if (!answer || answer.output === null) return;
    this.#steps.splice(early, 1);
    this.#answer(step, answer.output, answer.at, null, from);
  }

  #answered({ name, referenceId, from, payload }: StepRecord, at: number): void {
    const waiting = this.#steps.filter(({ output }) => output === null);
    const byId = waiting.find((one) => referenceId !== null && one.referenceId === referenceId);
    const request = byId ?? (from === 'registered' ? undefined : waiting[0]);
    if (!request) {
      // A registered client gets messages of the service at any time.
      if (from !== 'registered') this.#came(name, at);
      this.#last = from === 'registered' ? name : null;
      return;
    }
    this.#answer(request, name, at, payload?.errorCode, from);
  }

  #answer(request: Pending, name: string, at: number, errorCode: unknown, from: string): void {
    request.output = name;
    request.answeredAt = at;
    if (request.inputs.length === 1 || name !== 'EventError') return;
    const error = typeof errorCode === 'number' ? errorNameOf(errorCode) : null;
    request.inputs =
      error === 'malformed-request'
        ? ['register-malformed', 'register-invalid']
        : from === 'registered'
          ? ['register']
          : ['register-invalid'];
  }

  #ended({ to, reason }: StepRecord, elapsed: number): void {
    if (to !== 'disconnected' || reason === null) return;
    if (outside.has(reason)) {
      this.#outside = reason;
      return;
    }
    if (reason === 'peer-closed' || reason === 'client-closed') return;
    if (reason === 'protocol-error') {
      const last = this.#steps.at(-1);
      const isTold = last?.inputs[0] === silence;
      if (isTold) this.#steps.pop();
      const told = isTold ? last.output : this.#last === 'EventError' ? this.#last : null;
      const output = [told, closedOutput].filter(Boolean).join(' ');
      const times = { at: last?.at ?? elapsed, answeredAt: elapsed };
      this.#steps.push({ inputs: frames, output, referenceId: null, ...times });
      return;
    }
    for (const step of this.#steps) {
      if (step.output === null && elapsed - step.at > unread) step.output = '';
    }
    this.#came(closedOutput, elapsed);
  }

  /** The server sent something or closed by itself. */
  #came(output: string, at: number): void {
    this.#steps.push({ inputs: [silence], output, at, answeredAt: at, referenceId: null });
  }
}
