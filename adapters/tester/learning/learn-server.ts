/** Learns a live server. */
import { expectedProtocol } from '../../../machines/engine/kit/expected-protocol.js';
import { type Difference, differencesOf } from '../../../machines/engine/learning/differences.js';
import {
  type LearnOptions,
  type LearnResult,
  learn,
  unknownOf,
} from '../../../machines/engine/learning/learn.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { namedAfter } from '../../../machines/engine/learning/state-names.js';
import {
  edgeOf,
  silence,
  stateNamed,
  type TimedMachine,
} from '../../../machines/engine/learning/timed-machine.js';
import { stateAfter } from '../../../machines/engine/learning/timed-run.js';
import type { FigureClients } from '../../../machines/registration/figures/play.js';
import { expectedWith } from '../../../machines/registration/sut/expected.js';
import type { ConnectOptions } from '../../net/transports/index.js';
import { measureTimeouts } from '../conform/measure.js';
import { probeServer } from '../conform/probe-server.js';
import { chooseInputs, type Mapper } from '../protocols/mapper.js';
import { chooseProtocol, type ProtocolChoices } from '../protocols/protocol-run.js';
import { endpointTarget } from '../target.js';
import { registrationWire } from './registration-wire.js';
import { TreeFile } from './tree-file.js';
import { defaultHorizon, WireSystem } from './wire-system.js';

/** What is learned, and what is expected of it. */
export interface Subject {
  /** `registration`, the name of another protocol, or the path of a mapper. */
  readonly name: string;
  readonly mapper: Mapper;
  /** Settings, values, and the lengths of timers that a client states. */
  readonly choices?: ProtocolChoices;
  /** Null without a figure. */
  readonly expected: TimedMachine | null;
  /** Maximum silence in milliseconds. */
  readonly horizon: number;
  /** Milliseconds by which equal lengths may differ. @default that of the mapper */
  readonly tolerance?: number | undefined;
}

export interface RegistrationOptions {
  /** tcp, tls, ws or wss. */
  readonly endpoint: string;
  readonly tls?: ConnectOptions['tls'];
  /** A client that the server accepts, and one that it refuses. @default those of `figureClients` */
  readonly clients?: FigureClients | undefined;
  /** Milliseconds; measured when one of them is missing. */
  readonly registrationTimeout?: number | undefined;
  readonly rejectionTimeout?: number | undefined;
  /** Maximum milliseconds of waiting while they are measured. @default 60000 */
  readonly measureFor?: number | undefined;
  /** Maximum frame size of the server in bytes. @default 65536 */
  readonly longestFrame?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Silence lasts longer than the longest timeout by this factor. */
const horizonFactor = 1.25;
/** Milliseconds of silence when the server has no timeouts. */
const usualHorizon = 15_000;
/** Tolerances: a tenth of the shortest timeout within these milliseconds. */
const tolerances = { min: 15, max: 250 };

/**
 * The registration, with the timeouts of a server.
 * @throws {NotReachableError}; {NotTestableError} for another kind of server; {EndpointError}; the signal's reason
 */
export async function registrationOf(options: RegistrationOptions): Promise<Subject> {
  const { endpoint, tls, clients, measureFor, longestFrame, signal } = options;
  const { registrationTimeout, rejectionTimeout } = options;
  const stated = { registrationTimeout, rejectionTimeout };
  const target = endpointTarget(endpoint, tls);
  const chosen = { ...clients, measureFor, signal };
  await probeServer(target, chosen);
  const isStated = registrationTimeout !== undefined && rejectionTimeout !== undefined;
  const measured = isStated ? null : await measureTimeouts(target, chosen);
  const lengths = {
    registrationTimeout: registrationTimeout ?? measured?.registration.milliseconds ?? null,
    rejectionTimeout: rejectionTimeout ?? measured?.rejection.milliseconds ?? null,
  };
  const known = Object.values(lengths).filter((length) => length !== null);
  const { min, max } = tolerances;
  return {
    name: 'registration',
    mapper: { wire: registrationWire({ clients, longestFrame }) },
    expected: expectedWith(stated, {
      registrationTimeout: lengths.registrationTimeout ?? usualHorizon,
      rejectionTimeout: lengths.rejectionTimeout ?? usualHorizon,
    }),
    horizon: known.length === 0 ? usualHorizon : Math.max(...known) * horizonFactor,
    tolerance: Math.min(max, Math.max(min, Math.min(...known, usualHorizon) / 10)),
  };
}

/**
 * A protocol with its figure, or a mapper alone. Timers whose length is not stated are not judged: the server may choose another one, and a
 * client may state none, e.g. Keep Alive 0.
 * @throws {ChoiceError}
 */
export function subjectOf(name: string, mapper: Mapper, choices: ProtocolChoices = {}): Subject {
  const { protocol, wire } = mapper;
  const { horizon = defaultHorizon } = wire.timing ?? {};
  if (!protocol) return { name, mapper, choices, expected: null, horizon };
  const { timers = {} } = choices;
  const { model } = chooseProtocol({ protocol, wire }, { values: {}, ...choices });
  const unstated = Object.keys(model.timers).filter((timer) => timers[timer] === undefined);
  const expected = withoutUnstated(expectedProtocol(model, unstated));
  const longest = Math.max(0, ...Object.values(timers)) * horizonFactor;
  return { name, mapper, choices, expected, horizon: Math.max(horizon, longest) };
}

function withoutUnstated(machine: TimedMachine): TimedMachine {
  const states = machine.states.map((state) => {
    const isUnstated = state.timeout !== null && state.timeout.length === null;
    return isUnstated ? { ...state, timeout: null, isSilenceUnobserved: true } : state;
  });
  return { ...machine, states };
}

export interface LearnServerOptions
  extends Pick<
    LearnOptions,
    | 'oracle'
    | 'extraStates'
    | 'walks'
    | 'seed'
    | 'connections'
    | 'maxConnections'
    | 'maxStates'
    | 'signal'
    | 'onProgress'
  > {
  readonly endpoint: string;
  readonly tls?: ConnectOptions['tls'];
  readonly subject: Subject;
  /** Milliseconds. @default those of the subject */
  readonly horizon?: number | undefined;
  readonly tolerance?: number | undefined;
  /** A file of plays: those in it are not played again, and new ones are added. @default none */
  readonly tree?: string | undefined;
  /** Machines that the server may be, besides the figure. @default none */
  readonly known?: readonly TimedMachine[] | undefined;
}

export interface LearnedServer {
  readonly file: LearnedFile;
  readonly result: LearnResult;
  /** Milliseconds that an input waits for its first output. */
  readonly patience: number;
}

/**
 * Learns a server, and compares it with the figure of the subject.
 * @throws {NotReachableError}, {MapperError} or {FileError} before the first connection; later errors are the `end` of the result
 */
export async function learnServer(options: LearnServerOptions): Promise<LearnedServer> {
  const { endpoint, tls, subject, tree: treePath, known = [], ...learning } = options;
  const { name, mapper, choices, expected } = subject;
  const begun = performance.now();
  const inputs = Object.keys(chooseInputs(mapper, choices).inputs);
  const header = { target: endpoint, protocol: name, inputs };
  const horizons = { horizon: options.horizon ?? null, usualHorizon: subject.horizon };
  const tree =
    treePath === undefined ? null : await TreeFile.open(treePath, { ...header, ...horizons });
  const horizon = tree?.horizon ?? options.horizon ?? subject.horizon;
  using system = new WireSystem({
    ...{ endpoint, tls, mapper, horizon, ...choices },
    tolerance: options.tolerance ?? subject.tolerance,
  });
  const { tolerance } = system;
  const result = await learn(system, {
    ...learning,
    candidates: expected ? [expected, ...known] : known,
    known: tree?.known,
    onPlay: (play) => tree?.add(play),
  }).finally(() => tree?.close());
  const machine = expected ? namedAfter(expected, result.machine) : result.machine;
  return {
    result,
    patience: system.patience,
    file: {
      ...{ kind: 'ixgate-learned', version: 1, target: endpoint, protocol: name },
      ...{ machine, expected, tolerance, horizon, guarantee: result.guarantee },
      unknown: [...refusedClient(machine, name), ...unknownOf(machine, result)],
      differences: expected ? allDifferences(expected, machine, tolerance, result) : [],
      connections: system.connections,
      elapsed: Math.round(performance.now() - begun),
    },
  };
}

/** A server that refuses the valid client shows nothing of registered clients. */
function refusedClient(machine: TimedMachine, protocol: string): string[] {
  if (protocol !== 'registration') return [];
  const edge = edgeOf(stateNamed(machine, machine.initial), 'register');
  if (!edge?.output.startsWith('EventError')) return [];
  return [
    'the server refuses the valid client, so registered clients were not learned; state a client that it accepts with --valid',
  ];
}

/** Shortest sessions first. */
function allDifferences(
  expected: TimedMachine,
  machine: TimedMachine,
  tolerance: number,
  { unexplained }: LearnResult,
): Difference[] {
  return [
    ...differencesOf(expected, machine, tolerance),
    ...unexplainedDifferences(expected, machine, unexplained),
  ].sort((one, other) => one.witness.length - other.witness.length);
}

/** Every timeout of a figure follows one input, so one that follows no single input is a difference. */
function unexplainedDifferences(
  expected: TimedMachine,
  machine: TimedMachine,
  words: readonly (readonly string[])[],
): Difference[] {
  return words.map((word) => {
    const before = word.slice(0, -1);
    const state = stateAfter(expected, before);
    const input = word.at(-1) ?? silence;
    return {
      kind: 'clock',
      expectedState: state.name,
      observedState: stateAfter(machine, before).name,
      input,
      expected: edgeOf(state, input)?.clock ?? 'none',
      observed: 'neither start nor keep',
      witness: word.length === 0 ? [silence] : word,
    };
  });
}
