/** One worker of `ixgate serve --workers`: a gate that tells its primary all that happens. Started by `ClusterGate` alone. */
import { setImmediate } from 'node:timers/promises';
import { toError } from '../../runtime/errors.js';
import { isPromiseLike } from '../../runtime/is-promise-like.js';
import type { GateServer, ServerEvents, ValidationContext, Validator } from '../../server/index.js';
import { invalid } from '../../server/index.js';
import type { AdmissionChange } from '../../server/limits/index.js';
import { nameInUse, verdictFrom } from '../../server/validator.js';
import { crashText } from '../crash.js';
import { type GateLog, LocalGate } from '../local-gate.js';
import { heartbeatInterval } from './heartbeats.js';
import type { FromWorker, SessionAsk, ToldEvent, ToWorker } from './messages.js';
import { serializeError } from './messages.js';

/** Milliseconds between two batches. What the others count they know so much later, and a little. */
const interval = 20;
/** Events that may wait for a primary that is slow; steps beyond are not told. */
const mostWaiting = 50_000;

const events = [
  'connected',
  'registered',
  'refused',
  'disconnected',
  'connection-rejected',
  'handshake-failed',
  'problem',
] as const satisfies readonly (keyof ServerEvents)[];

/** Collects what happens in a gate and tells it in batches, one on its way at a time. */
class EventBatcher {
  readonly #gate: LocalGate;
  #events: ToldEvent[] = [];
  #changes: AdmissionChange[] = [];
  #untold = 0;
  #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isOnItsWay = false;

  constructor(gate: LocalGate, steps: boolean) {
    this.#gate = gate;
    const { view } = gate;
    for (const name of events) view.on(name, (...what: unknown[]) => this.#happened(name, what));
    if (steps) view.on('step', (step) => this.#happened('step', [step]));
    view.admission.onChange = (change) => {
      this.#changes.push(change);
      this.#schedule();
    };
  }

  /** Tells what there is, and resolves when it is on its way. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => this.#send(resolve));
  }

  #happened(name: keyof ServerEvents, what: readonly unknown[]): void {
    if (name === 'step' && this.#events.length >= mostWaiting) {
      this.#untold += 1;
      return;
    }
    const [first] = what as [{ readonly id?: string }];
    if (typeof first?.id === 'string') this.#touched.add(first.id);
    this.#events.push([name, ...what.map(toldOf)]);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#isOnItsWay) return;
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
      untold: this.#untold,
      changes: this.#changes,
      sessions,
      counts: view.counts(),
      isOverloaded: view.isOverloaded,
      recorded: recorder && { ...recorder.counts(), path: recorder.path },
    };
    this.#events = [];
    this.#changes = [];
    this.#untold = 0;
    this.#touched = new Set();
    this.#isOnItsWay = true;
    tell(batch, () => {
      this.#isOnItsWay = false;
      if (this.#events.length > 0 || this.#changes.length > 0) this.#schedule();
      sent();
    });
  }
}

function toldOf(what: unknown): unknown {
  if (what instanceof Error) return serializeError(what);
  if (typeof what !== 'object' || what === null || !('error' in what)) return what;
  return what.error instanceof Error ? { ...what, error: serializeError(what.error) } : what;
}

/** What a client's name may be held by is known to the primary alone. */
class Claims {
  readonly #waiting = new Map<number, (granted: boolean) => void>();
  #count = 0;
  #validate: Validator = () => invalid('not open yet');
  #next = this.#validate;

  /** The validator, and after its yes the claim. The first wait for changes of the configuration that came while the gate opened. */
  readonly asking = (validate: Validator): Validator => {
    this.#next = validate;
    return (request, context) =>
      isCurrent ? this.#asked(request, context) : work.then(() => this.#asked(request, context));
  };

  /** The last validator given to `asking` decides from now on. */
  inForce(): void {
    this.#validate = this.#next;
  }

  #asked(...[request, context]: Parameters<Validator>): ReturnType<Validator> {
    const answer = this.#validate(request, context);
    return isPromiseLike(answer)
      ? answer.then((given) => this.#claimed(verdictFrom(given), request.clientName, context))
      : this.#claimed(verdictFrom(answer), request.clientName, context);
  }

  answered(id: number, granted: boolean): void {
    this.#waiting.get(id)?.(granted);
    this.#waiting.delete(id);
  }

  #claimed(
    verdict: ReturnType<typeof verdictFrom>,
    clientName: string,
    { session, signal }: ValidationContext,
  ) {
    if (!verdict.valid || verdict.cap === undefined) return verdict;
    const { cap } = verdict;
    // Nobody waits for it: there would be nobody to give it back.
    if (signal.aborted) return invalid('nobody waits any more');
    this.#count += 1;
    const id = this.#count;
    return new Promise<boolean>((resolve) => {
      this.#waiting.set(id, resolve);
      tell({ type: 'claim', id, session, clientName, cap });
    }).then((granted) => granted || invalid(nameInUse(cap), 'name-in-use'));
  }
}

const log: GateLog = {
  info: (...what) => tell({ type: 'log', severity: 'info', what }),
  error: (...what) => tell({ type: 'log', severity: 'error', what }),
  once: (...what) => tell({ type: 'log', severity: 'once', what }),
};

const claims = new Claims();
let gate: LocalGate | null = null;
let telling: EventBatcher | null = null;
/** What the others have counted since this process was told to open. */
const early: AdmissionChange[] = [];
let generation = 0;
let work: Promise<void> = Promise.resolve();
let queued = 0;
/** Whether the gate is open with all changes of its configuration that came meanwhile. */
let isCurrent = false;

function tell(message: FromWorker, sent: () => void = () => {}): void {
  // A primary that has gone is told by 'disconnect'.
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}

async function open(message: Extract<ToWorker, { type: 'open' }>) {
  const { loaded, generation } = message;
  // With the first of several endpoints open, clients come before the gate is.
  const opening = (opened: LocalGate) => {
    gate = opened;
    for (const change of [...message.changes, ...early]) opened.view.admission.count(change);
    telling = new EventBatcher(opened, message.steps);
  };
  try {
    const { view } = await LocalGate.open(loaded, { log, asking: claims.asking, opening });
    inForce(generation);
    tell({ type: 'opened', endpoints: view.endpoints });
  } catch (error) {
    tell({ type: 'failed', error: serializeError(toError(error)) });
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
    tell({ type: 'reconfigured', generation, error: null });
  } catch (error) {
    tell({ type: 'reconfigured', generation, error: serializeError(toError(error)) });
  }
}

function inForce(number: number): void {
  generation = number;
  claims.inForce();
}

async function drain() {
  await gate?.drain();
  await telling?.flush();
  await gate?.close();
  tell({ type: 'drained' }, () => process.disconnect());
}

async function makeRoom(id: number, sessions: readonly string[]) {
  // A name that was granted in the message before is registered only after the promises of that message.
  await setImmediate();
  await gate?.view.makeRoomAmong(sessions);
  await telling?.flush();
  tell({ type: 'madeRoom', id });
}

function ask(server: GateServer, id: string, asked: SessionAsk) {
  const session = server.session(id);
  if (!session) return;
  if (asked.what === 'send' || asked.what === 'inject') session[asked.what](asked.message);
  else session[asked.what]();
}

/** Opens the gate, then changes its configuration, one after the other. */
function queue(step: () => Promise<void>): void {
  queued += 1;
  work = work.then(step).then(() => {
    queued -= 1;
    isCurrent ||= queued === 0;
  });
}

function hear(message: ToWorker): void {
  switch (message.type) {
    case 'open':
      queue(() => open(message));
      break;
    case 'reconfigure':
      queue(() => reconfigure(message));
      break;
    case 'drain':
      gate?.stopReading();
      // A second one is not to wait for the first: it ends those who may still stay.
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
    case 'session':
      if (gate) ask(gate.view, message.session, message.ask);
      break;
  }
}

process.on('message', hear);
tell({ type: 'ready' });
setInterval(() => tell({ type: 'heartbeat', generation }), heartbeatInterval).unref();
// Without its primary nobody would know of it, or end it: Node ends a worker whose primary has gone.
// A terminal tells the whole group; when this process ends is the primary's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('uncaughtException', (error) => {
  const text = `a fault of ixgate: ${crashText(error)}`;
  tell({ type: 'log', severity: 'error', what: [text, { event: 'crashed' }] }, () =>
    process.exit(1),
  );
});
