/** What the page asks its server: the machine runs there. */
import type { ShownMachine } from '../../../adapters/charts/index.js';
import type { WalkStep } from '../../../machines/engine/table/chart-walk.js';

export type { ShownMachine, WalkStep };
export type WalkInput = WalkStep['inputs'][number];

export function fetchMachine(): Promise<ShownMachine> {
  return ask<ShownMachine>('machine.json');
}

/**
 * Takes an input in a state that was reached.
 * @returns null for an input without effect
 */
export function takeStep(
  from: number,
  kind: WalkInput['kind'],
  input: string,
): Promise<WalkStep | null> {
  const query = new URLSearchParams({ from: String(from) });
  query.set(kind === 'timer' ? 'timer' : 'event', input);
  return ask<WalkStep | null>(`machine/step?${query}`);
}

/** @throws {Error} with a text for people */
async function ask<Result>(path: string): Promise<Result> {
  let response: Response;
  try {
    response = await fetch(new URL(path, location.href), { cache: 'no-store' });
  } catch {
    throw new Error('ixgate viz has ended. Start it again, and reload the page');
  }
  const answer = (await response.json()) as Result & { error?: { message: string } };
  if (!response.ok)
    throw new Error(answer.error?.message ?? `the server answered ${response.status}`);
  return answer;
}
