/** The program of a worker of `ixgate serve --workers`: a gate that reports everything to the primary process. */
import './worker-signals.js';
import { setImmediate } from 'node:timers/promises';
import type { OtlpExport } from '../../opentelemetry/otlp.js';
import { toError } from '../../runtime/errors.js';
import { isPromiseLike } from '../../runtime/is-promise-like.js';
import type {
  GateServer,
  ValidationContext,
  Validator,
  ValidatorAnswer,
  Verdict,
  ViewEvents,
} from '../../server/index.js';
import { invalid } from '../../server/index.js';
import type { AdmissionChange } from '../../server/limits/index.js';
import { nameInUse, verdictFrom } from '../../server/validator.js';
import { crashText } from '../crash.js';
import { LocalGate } from '../local-gate.js';
import type { GateLog } from '../log.js';
import { openTelemetry } from '../telemetry.js';
import { heartbeatInterval } from './heartbeats.js';

import {
  type Decision,
  type FromWorker,
  type SerializedEvent,
  type SessionAsk,
  serializeArgument,
  serializeError,
  type ToWorker,
} from './messages.js';

/** Milliseconds between two batches; counts of other workers are late by a little more. */
const interval = 20;
/** Maximum backlog of events for a slow primary process; steps beyond it are dropped. */
const maxBacklog = 50_000;

const events = [
  'connected',
  'registered',
  'refused',
  'disconnected',
  'connection-rejected',
  'handshake-failed',
  'forged-address',
  'problem',
] as const satisfies readonly (keyof ViewEvents)[];

/** Collects the events of a gate and sends them in batches, one at a time. */
class EventBatcher {
  readonly #gate: LocalGate;
  #events: SerializedEvent[] = [];
  #changes: AdmissionChange[] = [];
  #droppedSteps = 0;
  #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isSending = false;

  constructor(gate: LocalGate, steps: boolean) {
    this.#gate = gate;
    const { view } = gate;
    for (const name of events) view.on(name, (...args: unknown[]) => this.#happened(name, args));
    if (steps) view.on('step', (step) => this.#happened('step', [step]));
    view.admission.onChange = (change) => {
      this.#changes.push(change);
      this.#schedule();
    };
  }

  /** Sends a batch and resolves when it is sent. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => this.#send(resolve));
  }

  #happened(name: keyof ViewEvents, args: readonly unknown[]): void {
    if (name === 'step' && this.#events.length >= maxBacklog) {
      this.#droppedSteps += 1;
      return;
    }
    const [first] = args as [{ readonly id?: string }];
    if (typeof first?.id === 'string') this.#touched.add(first.id);
    this.#events.push([name, ...args.map(serializeArgument)]);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#isSending) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#send(() => {});
    }, interval);
  }

  #send(sent: () => void): void {
    const { view, recorder } = this.#gate;
    const sessions = [...this.#touched].flatMap((id) => view.session(id)?.info() ?? []);
    const batch: FromWorker = {
      type: 'batch',
      events: this.#events,
      droppedSteps: this.#droppedSteps,
      changes: this.#changes,
      sessions,
      counts: view.counts(),
      isOverloaded: view.isOverloaded,
      recorded: recorder && { ...recorder.counts(), path: recorder.path },
    };
    this.#events = [];
    this.#changes = [];
    this.#droppedSteps = 0;
    this.#touched = new Set();
    this.#isSending = true;
    send(batch, () => {
      this.#isSending = false;
      if (this.#events.length > 0 || this.#changes.length > 0) this.#schedule();
      sent();
    });
  }
}

/** Claims of names, which the primary process decides. */
class Claims {
  readonly #waiting = new Map<number, (granted: boolean) => void>();
  #count = 0;
  #validate: Validator = () => invalid('not open yet');
  #next = this.#validate;

  /** Wraps a validator: a valid registration claims its name. Until the configuration is current, registrations wait. */
  readonly asking = (validate: Validator): Validator => {
    this.#next = validate;
    return (request, context) =>
      isCurrent ? this.#asked(request, context) : work.then(() => this.#asked(request, context));
  };

  /** The last validator given to `asking` is in force from now on. */
  inForce(): void {
    this.#validate = this.#next;
  }

  #asked(...[request, context]: Parameters<Validator>): ReturnType<Validator> {
    const answer = this.#validate(request, context);
    const claimed = (given: ValidatorAnswer) =>
      this.#claimed(verdictFrom(given), request.clientName, context);
    return isPromiseLike(answer) ? answer.then(claimed) : claimed(answer);
  }

  answered(id: number, granted: boolean): void {
    this.#waiting.get(id)?.(granted);
    this.#waiting.delete(id);
  }

  #claimed(
    verdict: Verdict,
    clientName: string,
    { session, signal }: ValidationContext,
  ): Verdict | Promise<ValidatorAnswer> {
    if (!verdict.valid || verdict.cap === undefined) return verdict;
    const { cap } = verdict;
    // The registration has ended: no session would release the name.
    if (signal.aborted) return invalid('the registration has ended');
    this.#count += 1;
    const id = this.#count;
    return new Promise<boolean>((resolve) => {
      this.#waiting.set(id, resolve);
      send({ type: 'claim', id, session, clientName, cap });
    }).then((granted) => granted || invalid(nameInUse(cap), 'name-in-use'));
  }
}

const log: GateLog = {
  info: (...what) => send({ type: 'log', severity: 'info', what }),
  error: (...what) => send({ type: 'log', severity: 'error', what }),
  once: (...what) => send({ type: 'log', severity: 'once', what }),
};

const claims = new Claims();
let gate: LocalGate | null = null;
let batcher: EventBatcher | null = null;
/** The exporters of `--otlp`: each process sends its own spans and metrics. */
let telemetry: OtlpExport | null = null;
/** Changes of other workers that came before the gate was open. */
const early: AdmissionChange[] = [];
/** Decisions of operators that came before the gate was open. */
const earlyDecisions: Decision[] = [];
let generation = 0;
let work: Promise<void> = Promise.resolve();
let queued = 0;
/** Whether the gate is open with all changes of its configuration that came meanwhile. */
let isCurrent = false;

function send(message: FromWorker, sent: () => void = () => {}): void {
  // The event 'disconnect' reports the end of the primary process.
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}

async function open(message: Extract<ToWorker, { type: 'open' }>) {
  const { loaded, generation } = message;
  // Clients may connect to the first endpoint before the others are open.
  const opening = (opened: LocalGate) => {
    gate = opened;
    for (const change of [...message.changes, ...early]) opened.view.admission.count(change);
    for (const decision of [...message.decisions, ...earlyDecisions]) obey(opened, decision);
    batcher = new EventBatcher(opened, message.steps);
    telemetry?.watchGate(opened.view, opened.recorder);
  };
  try {
    const { otlp } = loaded.config;
    if (otlp !== undefined) telemetry = await openTelemetry(otlp, log);
    const { view } = await LocalGate.open(loaded, { log, asking: claims.asking, opening });
    inForce(generation);
    send({ type: 'opened', endpoints: view.endpoints });
  } catch (error) {
    send({ type: 'failed', error: serializeError(toError(error)) });
  }
}

async function reconfigure({
  loaded,
  generation,
  rereadList,
}: Extract<ToWorker, { type: 'reconfigure' }>) {
  try {
    await gate?.reconfigure(loaded, rereadList);
    inForce(generation);
    send({ type: 'reconfigured', generation, error: null });
  } catch (error) {
    send({ type: 'reconfigured', generation, error: serializeError(toError(error)) });
  }
}

function inForce(number: number): void {
  generation = number;
  claims.inForce();
}

async function drain() {
  await gate?.drain();
  await batcher?.flush();
  await gate?.close();
  await telemetry?.close();
  send({ type: 'drained' }, () => process.disconnect());
}

async function makeRoom(id: number, sessions: readonly string[]) {
  // A name that the previous message granted is registered only after the promises of that message.
  await setImmediate();
  await gate?.view.makeRoomAmong(sessions);
  await batcher?.flush();
  send({ type: 'madeRoom', id });
}

function obey({ view }: LocalGate, decision: Decision): void {
  const { admission } = view;
  switch (decision.what) {
    case 'draining':
      view.setDraining(decision.isDraining);
      break;
    case 'ban':
      admission.bans.add(decision.ban.source, decision.ban.remaining);
      break;
    case 'unban':
      admission.bans.remove(decision.source);
      break;
    case 'clear-penalties':
      admission.clearPenalties(decision.address);
      break;
  }
}

function ask(server: GateServer, id: string, asked: SessionAsk) {
  const session = server.session(id);
  if (!session) return;
  if (asked.what === 'send' || asked.what === 'inject') session[asked.what](asked.message);
  else if (asked.what === 'kick') session.kick(asked.options);
  else session[asked.what]();
}

/** Opens the gate and changes its configuration, one step after another. */
function queue(step: () => Promise<void>): void {
  queued += 1;
  work = work.then(step).then(() => {
    queued -= 1;
    isCurrent ||= queued === 0;
  });
}

function receive(message: ToWorker): void {
  switch (message.type) {
    case 'open':
      queue(() => open(message));
      break;
    case 'reconfigure':
      queue(() => reconfigure(message));
      break;
    case 'drain':
      gate?.stopReading();
      // A second drain does not wait for the first: it disconnects the remaining clients.
      if (gate?.view.isClosing) void gate.view.close();
      else work = work.then(drain);
      break;
    case 'changes':
      if (!gate) early.push(...message.changes);
      else for (const change of message.changes) gate.view.admission.count(change);
      break;
    case 'claimed':
      claims.answered(message.id, message.granted);
      break;
    case 'makeRoom':
      void makeRoom(message.id, message.sessions);
      break;
    case 'decision':
      if (gate) obey(gate, message.decision);
      else earlyDecisions.push(message.decision);
      break;
    case 'penalties': {
      const penalties = gate?.view.admission.penalties() ?? [];
      send({ type: 'penalties', id: message.id, penalties });
      break;
    }
    case 'session':
      if (gate) ask(gate.view, message.session, message.ask);
      break;
  }
}

process.on('message', receive);
send({ type: 'ready' });
setInterval(() => send({ type: 'heartbeat', generation }), heartbeatInterval).unref();
// Node ends a worker when its primary process has ended.
process.on('uncaughtException', (error) => {
  const text = `internal error, the worker exits: ${crashText(error)}`;
  send({ type: 'log', severity: 'error', what: [text, { event: 'worker-crashed' }] }, () =>
    process.exit(1),
  );
});
