import type { InspectedConfig } from '../config/index.js';
import type { ControlClient } from '../control/client.js';
import type { Check, Finding, Severity } from './check.js';
import { warn } from './check.js';
import { certificates } from './checks/certificates.js';
import { clock } from './checks/clock.js';
import { configuration, settings } from './checks/configuration.js';
import { clients, folders, secrets } from './checks/files.js';
import { cores, descriptors, memory, queues } from './checks/limits.js';
import { ports, sockets } from './checks/listening.js';
import { node, packages } from './checks/versions.js';
import { webService } from './checks/web-service.js';
import { runningChecks } from './running/checks.js';
import { gateState } from './running/gate-state.js';
import { System } from './system.js';

/** Every check of a gate that is not running, in the order of the report. */
export const checks: readonly Check[] = [
  node,
  packages,
  configuration,
  settings,
  ports,
  sockets,
  certificates,
  secrets,
  clients,
  webService,
  folders,
  descriptors,
  queues,
  memory,
  cores,
  clock,
];

/** A finding with its check. */
export interface Diagnosis extends Finding {
  /** The id of the check. */
  readonly check: string;
  readonly title: string;
}

/** The time of one check in milliseconds. */
const checkTime = 20_000;

/** Runs every check of a configuration. The checks run at the same time. */
export function diagnose(loaded: InspectedConfig, system = new System()): Promise<Diagnosis[]> {
  return runChecks(checks, (signal) => ({ loaded, system, signal }));
}

/** Runs every check of a running gate. @throws the errors of the client, when the gate does not answer */
export async function diagnoseRunning(
  client: ControlClient,
  system = new System(),
): Promise<Diagnosis[]> {
  const state = await gateState(client, system);
  return runChecks(runningChecks, () => state);
}

/**
 * Runs checks. One that throws, or takes too long, has a warning for that.
 * @param contextOf the context of a check
 * @param time milliseconds of one check. @default 20000
 */
export async function runChecks<Context>(
  all: readonly Check<Context>[],
  contextOf: (signal: AbortSignal) => Context,
  time = checkTime,
): Promise<Diagnosis[]> {
  const found = await Promise.all(
    all.map(async (check) => {
      const findings = await findingsOf(check, contextOf, time);
      return findings.map((finding) => ({ check: check.id, title: check.title, ...finding }));
    }),
  );
  return found.flat();
}

async function findingsOf<Context>(
  check: Check<Context>,
  contextOf: (signal: AbortSignal) => Context,
  time: number,
): Promise<readonly Finding[]> {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      // The check may answer when it is aborted; its answer tells more.
      end.abort();
      setImmediate(() =>
        resolve([warn(`no result within ${time} ms`, 'look at the load of the machine')]),
      );
    }, time);
  });
  try {
    return await Promise.race([check.run(contextOf(end.signal)), late]);
  } catch (error) {
    const { message } = error as Error;
    return [warn(`the check failed: ${message}`, 'report this with the configuration')];
  } finally {
    clearTimeout(timer);
  }
}

/** The worst severity of findings. */
export function worstOf(findings: readonly Finding[]): Severity {
  const has = (severity: Severity) => findings.some((one) => one.severity === severity);
  return has('fail') ? 'fail' : has('warn') ? 'warn' : 'ok';
}
