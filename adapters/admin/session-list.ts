import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GateView } from '../server/index.js';
import type { Answer } from '../web/answer.js';

/** Sessions serialized in one turn of the event loop. */
const perTurn = 100;

/** All sessions as JSON. Yields to the event loop between parts. */
export async function sessionList(gate: GateView): Promise<Answer> {
  const sessions = gate.sessions();
  const parts = [Buffer.from(`{"count":${sessions.length},"sessions":[`)];
  for (let at = 0; at < sessions.length; at += perTurn) {
    if (at > 0) await nextTurn();
    const texts = sessions.slice(at, at + perTurn).map((session) => JSON.stringify(session));
    parts.push(Buffer.from(`${at > 0 ? ',' : ''}${texts.join(',')}`));
  }
  parts.push(Buffer.from(']}\n'));
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.concat(parts),
  };
}
