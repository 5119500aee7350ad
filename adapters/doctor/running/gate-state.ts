import type { GateStatus } from '../../control/answers.js';
import { maxPenalties } from '../../control/ban-routes.js';
import type { ControlClient } from '../../control/client.js';
import type { ConfigEntry } from '../../control/service-control.js';
import type { System } from '../system.js';

/** The state of a running gate. */
export interface GateState {
  readonly where: string;
  readonly status: GateStatus;
  /** Null for a gate inside another service. */
  readonly options: readonly ConfigEntry[] | null;
  /** The number of addresses that are rejected for their penalties now. */
  readonly penalized: number;
  /** The time of the answer to `/status`, in milliseconds. */
  readonly answerTime: number;
  readonly system: System;
}

/** Asks a running gate. @throws the errors of the client */
export async function gateState(client: ControlClient, system: System): Promise<GateState> {
  const start = performance.now();
  const status = await client.ask<GateStatus>('GET', '/status');
  const answerTime = performance.now() - start;
  const isService = status.service !== null;
  const options = isService ? await runningOptions(client) : null;
  const { penalties } = isService ? await runningPenalties(client) : { penalties: [] };
  const penalized = penalties.filter(({ isEnforced }) => isEnforced).length;
  return { where: client.where, status, options, penalized, answerTime, system };
}

/** Without a limit the list ends early. */
function runningPenalties(client: ControlClient) {
  const limit = maxPenalties;
  return client.ask<{ penalties: readonly { isEnforced: boolean }[] }>('GET', '/penalties', {
    limit,
  });
}

/** The options of a running gate with their sources. @throws the errors of the client */
export async function runningOptions(client: ControlClient): Promise<readonly ConfigEntry[]> {
  const { options } = await client.ask<{ options: readonly ConfigEntry[] }>('GET', '/config');
  return options;
}
