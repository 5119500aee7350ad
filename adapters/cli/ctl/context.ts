import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '../../control/client.js';
import { duration, durationsAllowed, InvalidValueError } from '../../runtime/quantities.js';
import { UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import type { CtlFlags } from './flags.js';

/** What a subcommand works with. */
export interface Ctl {
  readonly client: ControlClient;
  readonly output: Output;
  readonly flags: CtlFlags;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The path of a session. */
export function pathOf(id: string): string {
  return `/sessions/${encodeURIComponent(id)}`;
}

/** @throws the reason of the signal */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** @throws {UsageError} */
export function durationFlag(
  name: string,
  given: string | undefined,
  range: { readonly min: string; readonly max: string },
): number | undefined {
  if (given === undefined) return undefined;
  try {
    return duration(given, range);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    const hint = error.message === '' ? '' : `; ${error.message}`;
    throw new UsageError(
      `${name} is ${JSON.stringify(given)}; allowed: ${durationsAllowed(range)}${hint}`,
    );
  }
}

/** The gates that a command names, as arguments of the request; null for the gate itself. */
export function namedNodes({ node, allNodes }: CtlFlags) {
  return node === undefined && !allNodes ? null : { node, ...(allNodes && { allNodes }) };
}
