import { type FigureClient, figureClientFrom } from '../../machines/registration/figures/play.js';
import type { ServiceAnswer } from '../../machines/registration/sut/inputs.js';
import type { Case } from '../../machines/registration/sut/suites.js';
import { OptionError } from '../runtime/errors.js';
import { delays, wholeNumber } from '../runtime/whole-number.js';
import { createServer, type GateServer, invalid, valid } from '../server/index.js';
import {
  type CaseResult,
  measureTimeouts,
  playCase,
  type ServerTimeouts,
  StallMonitor,
} from './conform/index.js';
import { ownTimeouts } from './run-figures.js';
import { endpointTarget, type FigureTarget } from './target.js';

export interface ServerUnderTestOptions {
  /** The started gate's answer to a message of a registered client; `any` counts as `ack`. @default ack */
  readonly answers?: ServiceAnswer | undefined;
  /**
   * The environment: IXGATE_TARGET, IXGATE_VALID, IXGATE_INVALID (JSON objects), IXGATE_REGISTRATION_TIMEOUT and
   * IXGATE_REJECTION_TIMEOUT (milliseconds). @default {}
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const known = { clientName: 'ixgate-suite', clientType: 'AgentApplication' } as const;
const unknown = { clientName: 'not-on-the-list', clientType: 'AgentApplication' } as const;

/** Maximum attempts at a case when this process is stalled: test runs share their machine. */
const attempts = 10;

/** The server that a generated test file plays its cases against. */
export class ServerUnderTest implements AsyncDisposable {
  /** Maximum number of cases that may be played at once. */
  readonly connections = 16;
  readonly timeouts: ServerTimeouts;
  readonly #target: FigureTarget;
  readonly #clients: { readonly valid: FigureClient; readonly invalid: FigureClient };
  readonly #gate: GateServer | null;
  readonly #stallMonitor = new StallMonitor();

  /** Use `serverUnderTest` instead. */
  constructor(
    target: FigureTarget,
    timeouts: ServerTimeouts,
    clients: { readonly valid: FigureClient; readonly invalid: FigureClient },
    gate: GateServer | null,
  ) {
    this.#target = target;
    this.timeouts = timeouts;
    this.#clients = clients;
    this.#gate = gate;
  }

  /** Upper bound for the duration of a case, in milliseconds. A case waits for deadlines, and is played again when this process was late. */
  get longestCase(): number {
    const { registrationTimeout, rejectionTimeout } = this.timeouts;
    return attempts * (10_000 + 3 * ((registrationTimeout ?? 0) + (rejectionTimeout ?? 0)));
  }

  /** @throws {NotReachableError} */
  play(one: Case): Promise<CaseResult> {
    return playCase(one, this.#target, {
      ...this.#clients,
      timeouts: this.timeouts,
      attempts,
      stallMonitor: this.#stallMonitor,
    });
  }

  /** Closes the started gate. */
  async close(): Promise<void> {
    this.#stallMonitor[Symbol.dispose]();
    await this.#gate?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * The server that the environment names, or else a gate with short deadlines that this function starts on 127.0.0.1.
 * @throws {OptionError} for an invalid variable, {EndpointError} for an invalid IXGATE_TARGET, {NotReachableError} when it must measure
 *   the deadlines and cannot connect.
 */
export async function serverUnderTest(
  options: ServerUnderTestOptions = {},
): Promise<ServerUnderTest> {
  const { answers = 'ack', env = {} } = options;
  const clients = {
    valid: clientIn(env, 'IXGATE_VALID') ?? known,
    invalid:
      clientIn(env, 'IXGATE_INVALID') ??
      (env.IXGATE_TARGET ? { ...known, clientName: '' } : unknown),
  };
  if (env.IXGATE_TARGET) {
    const target = endpointTarget(env.IXGATE_TARGET);
    return new ServerUnderTest(target, await timeoutsOf(target, env), clients, null);
  }
  const gate = await createServer({
    listen: ['tcp://127.0.0.1:0'],
    ...ownTimeouts,
    validator: ({ clientName }) =>
      clientName === clients.valid.clientName ? valid : invalid('unknown name'),
    onMessage: ({ reply }) => {
      if (answers !== 'none') reply.ack();
    },
  });
  const [endpoint] = gate.endpoints;
  if (!endpoint) throw new Error('no endpoint was opened');
  return new ServerUnderTest(endpointTarget(endpoint), ownTimeouts, clients, gate);
}

async function timeoutsOf(
  target: FigureTarget,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServerTimeouts> {
  const [registrationTimeout, rejectionTimeout] = [
    millisecondsIn(env, 'IXGATE_REGISTRATION_TIMEOUT'),
    millisecondsIn(env, 'IXGATE_REJECTION_TIMEOUT'),
  ];
  if (registrationTimeout !== null && rejectionTimeout !== null) {
    return { registrationTimeout, rejectionTimeout };
  }
  const measured = await measureTimeouts(target);
  return {
    registrationTimeout: registrationTimeout ?? measured.registration.milliseconds,
    rejectionTimeout: rejectionTimeout ?? measured.rejection.milliseconds,
  };
}

function millisecondsIn(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): number | null {
  const text = env[name];
  return text ? wholeNumber(name, /^\d+$/.test(text) ? Number(text) : text, delays) : null;
}

function clientIn(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): FigureClient | null {
  const text = env[name];
  if (!text) return null;
  const allowed = 'a JSON object such as {"clientName":"desk-1","clientType":"AgentApplication"}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OptionError(name, text, allowed);
  }
  if (typeof value !== 'object' || value === null) throw new OptionError(name, text, allowed);
  const client = figureClientFrom(value as Record<string, unknown>);
  if (client) return client;
  throw new OptionError(name, text, allowed);
}
