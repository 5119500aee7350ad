/** The program of a worker of `ixgate serve --workers`: a gate that reports everything to the primary process. */
import './worker-signals.js';
import { setImmediate } from 'node:timers/promises';
import { SourceChanges } from '../../directory/limits/source-changes.js';
import type { OtlpExport } from '../../opentelemetry/otlp.js';
import { toError } from '../../runtime/errors.js';
import { type GateServer, invalid, type Validator, type ViewEvents } from '../../server/index.js';
import type { AdmissionChange } from '../../server/limits/index.js';
import { crashText } from '../crash.js';
import { LocalGate } from '../local-gate.js';
import type { GateLog } from '../log.js';
import { EventBatcher } from '../mirror/event-batcher.js';
import { serializeError } from '../mirror/serialized.js';
import { obeyAsk } from '../mirror/session-ask.js';
import { openTelemetry } from '../telemetry.js';
import { heartbeatInterval } from './heartbeats.js';
import type { Decision, FromWorker, ToWorker } from './messages.js';
import { WorkerNames } from './worker-names.js';

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

/** Sends everything that happens in the gate to the primary process. */
function reportEvents(
  { view, recorder }: LocalGate,
  { steps, sharesLimits }: { readonly steps: boolean; readonly sharesLimits: boolean },
): EventBatcher {
  let changes: AdmissionChange[] = [];
  const sourceChanges = new SourceChanges();
  const batcher = new EventBatcher(view, {
    events,
    steps,
    send(batch) {
      const message: FromWorker = {
        type: 'batch',
        ...batch,
        changes,
        sourceChanges: sourceChanges.take(),
        counts: view.counts(),
        isOverloaded: view.isOverloaded,
        recorded: recorder && { ...recorder.counts(), path: recorder.path },
      };
      changes = [];
      return new Promise((sent) => send(message, sent));
    },
  });
  view.admission.onChange = (change) => {
    changes.push(change);
    batcher.ask();
  };
  // Each of these comes with one of the changes above.
  if (sharesLimits) view.admission.onSourceChange = (change) => sourceChanges.add(change);
  return batcher;
}

/** The validator of the configuration in force. Until the configuration is current, registrations wait for its validator. */
class CurrentValidator {
  #validate: Validator = () => invalid('not open yet');
  #next = this.#validate;

  /** Wraps the validator of a new configuration. */
  readonly asking = (validate: Validator): Validator => {
    this.#next = validate;
    return (request, context) =>
      isCurrent
        ? this.#validate(request, context)
        : work.then(() => this.#validate(request, context));
  };

  /** The last validator given to `asking` is in force from now on. */
  inForce(): void {
    this.#validate = this.#next;
  }
}

const log: GateLog = {
  info: (...what) => send({ type: 'log', severity: 'info', what }),
  error: (...what) => send({ type: 'log', severity: 'error', what }),
  once: (...what) => send({ type: 'log', severity: 'once', what }),
};

const names = new WorkerNames(send);
const validator = new CurrentValidator();
let gate: LocalGate | null = null;
let batcher: EventBatcher | null = null;
/** The exporters of `--otlp`: each process sends its own spans and metrics. */
let telemetry: OtlpExport | null = null;
/** Changes of other workers that came before the gate was open. */
const early: AdmissionChange[] = [];
/** What other gates of the cluster have counted before the gate was open. */
const earlyOthers: Extract<ToWorker, { type: 'others' }>[] = [];
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
    opened.view.admission.countOthers(message.others);
    for (const others of earlyOthers) countOthers(opened, others);
    for (const decision of [...message.decisions, ...earlyDecisions]) obey(opened, decision);
    const sharesLimits = loaded.directory !== null && loaded.directory.shareLimits !== false;
    batcher = reportEvents(opened, { steps: message.steps, sharesLimits });
    telemetry?.watchGate(opened.view, opened.recorder);
  };
  try {
    const { otlp } = loaded.config;
    if (otlp !== undefined) telemetry = await openTelemetry(otlp, log);
    names.node = loaded.directory?.node ?? null;
    const { view } = await LocalGate.open(loaded, {
      ...{ log, opening, sharedNames: names },
      asking: validator.asking,
    });
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
  validator.inForce();
}

async function drain() {
  await gate?.drain();
  await batcher?.flush();
  await gate?.close();
  await telemetry?.close();
  send({ type: 'drained' }, () => process.disconnect());
}

/** Ends sessions and reports that, after their ends. */
async function endSessions(id: number, end: (server: GateServer) => unknown) {
  // A name that the previous message granted is registered only after the promises of that message.
  await setImmediate();
  if (gate) await end(gate.view);
  await batcher?.flush();
  send({ type: 'done', id });
}

function countOthers(
  { view }: LocalGate,
  { changes, penalties }: Extract<ToWorker, { type: 'others' }>,
): void {
  view.admission.countOthers(changes);
  view.admission.learnPenalties(penalties);
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
    case 'others':
      if (gate) countOthers(gate, message);
      else earlyOthers.push(message);
      break;
    case 'claimed':
      names.answered(message.id, message.outcome);
      break;
    case 'make-room':
      void endSessions(message.id, (server) => server.makeRoomAmong(message.sessions));
      break;
    case 'end-session':
      void endSessions(message.id, (server) => server.loseName(message.session, message.reason));
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
      if (gate) obeyAsk(gate.view, message.session, message.ask);
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
