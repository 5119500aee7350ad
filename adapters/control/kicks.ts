import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GateView, KickOptions } from '../server/index.js';

/** Clients that are kicked in one turn of the event loop: the others must not notice a kick of thousands. */
const perTurn = 20;

/** Kicks clients; those that have left meanwhile are skipped. @returns the ids of the kicked sessions */
export async function kickAll(
  gate: Pick<GateView, 'session'>,
  ids: readonly string[],
  options: KickOptions,
): Promise<string[]> {
  const kicked: string[] = [];
  for (const [index, id] of ids.entries()) {
    if (index > 0 && index % perTurn === 0) await nextTurn();
    const session = gate.session(id);
    if (!session) continue;
    session.kick(options);
    kicked.push(id);
  }
  return kicked;
}
