/** Plays a suite and the figures of a protocol against a live server, and judges the statements of the specification. */
import {
  type FailedCase,
  StatementReport,
  type StatementVerdict,
} from '../../../machines/engine/kit/statements.js';
import {
  type CaseResult,
  playCase,
  playSuite,
} from '../../../machines/engine/playing/play-suite.js';
import { type Case, caseIdOf } from '../../../machines/engine/testgen/suite.js';
import { caseOf } from '../../../machines/engine/testgen/suite-of.js';
import { NotReachableError } from '../errors.js';
import type { LiveServer, Variant } from './live-server.js';
import { missingFor, type ProtocolRun } from './protocol-run.js';

export interface ConformProtocolOptions {
  /** The cases; figures are played before them. */
  readonly suite: Iterable<Case>;
  /** Sessions at the same time. @default 16 */
  readonly connections?: number | undefined;
  /** Maximum times that a case is played which differs: a busy machine delays answers. @default 3 */
  readonly attempts?: number | undefined;
  /** Stops the run with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onCase?: (one: Case, failure: CaseResult['failure']) => void;
}

export interface ProtocolReport {
  readonly cases: number;
  readonly passed: number;
  /** Cases that were left out or shortened because of what is missing. */
  readonly unplayed: number;
  /** What a tester could have stated, and what was not tested without it. */
  readonly missing: readonly string[];
  readonly statements: readonly StatementVerdict[];
  /** Differences that break no statement. */
  readonly others: readonly FailedCase[];
  /** Outputs that the specification allows besides the expected ones. */
  readonly variants: readonly Variant[];
}

/**
 * Plays the cases, and those that differ again, one at a time: a difference counts when it is seen each time.
 * @throws {NotReachableError}; the signal's reason.
 */
export async function conformProtocol(
  run: ProtocolRun,
  { suite, connections = 16, attempts = 3, signal, onCase }: ConformProtocolOptions,
): Promise<ProtocolReport> {
  const { live, model, settings, server, unknownTimers } = run;
  await reach(server);
  const figures = live.protocol.figures(settings).map(({ steps }) => steps.map((one) => one.input));
  const cases = [...figures, ...[...suite].map(({ steps }) => steps.map((one) => one.input))];
  const all = new Map<string, Case>();
  const ids = new Set<string>();
  for (const inputs of cases) {
    ids.add(caseIdOf(inputs));
    if (!inputs.every((input) => model.inputs.includes(input))) continue;
    const one = caseOf(model, model.withoutWaits(inputs, unknownTimers));
    if (one.steps.length > 0) all.set(one.id, one);
  }
  const played = [...all.values()];

  const results = new Map<string, CaseResult['failure']>();
  const told = (one: Case, { failure }: CaseResult) => {
    if (failure?.error instanceof NotReachableError) throw failure.error;
    results.set(one.id, failure);
    onCase?.(one, failure);
  };
  const suspects: Case[] = [];
  await playSuite(played, server, {
    concurrency: connections,
    ...(signal && { signal }),
    onCase(result) {
      const one = all.get(result.id) as Case;
      if (result.passed || attempts === 1) told(one, result);
      else suspects.push(one);
    },
  });
  for (const one of suspects) told(one, await again(one, server, attempts - 1, signal));

  const report = new StatementReport(model);
  for (const one of played) {
    const failure = results.get(one.id);
    report.add(one, failure ? { at: failure.at, observed: failure.observed ?? '' } : null);
  }
  const statements = live.protocol.statements(settings);
  return {
    cases: played.length,
    passed: played.filter(({ id }) => !results.get(id)).length,
    unplayed: [...ids].filter((id) => !all.has(id)).length,
    missing: missingFor(run),
    statements: report.verdicts(statements),
    others: report.others(statements),
    variants: server.variants,
  };
}

/** Opens a connection before the cases, so that an address without a server is one error. */
async function reach(server: LiveServer): Promise<void> {
  const session = await server.start();
  session.close();
}

async function again(
  one: Case,
  server: LiveServer,
  attempts: number,
  signal: AbortSignal | undefined,
): Promise<CaseResult> {
  let result = await playCase(one, server);
  for (let left = attempts - 1; left > 0 && !result.passed; left -= 1) {
    signal?.throwIfAborted();
    result = await playCase(one, server);
  }
  return result;
}
