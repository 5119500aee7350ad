import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answer } from '../web/answer.js';

/** Items serialized in one turn of the event loop. */
const perTurn = 100;

/** An object as JSON. Yields to the event loop between the parts of a long list in it. */
export async function jsonInParts(value: Readonly<Record<string, unknown>>): Promise<Answer> {
  const parts: string[] = [];
  for (const [key, one] of Object.entries(value)) {
    parts.push(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`);
    if (Array.isArray(one)) await addList(parts, one);
    else parts.push(JSON.stringify(one));
  }
  parts.push(parts.length === 0 ? '{}\n' : '}\n');
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.concat(parts.map((part) => Buffer.from(part))),
  };
}

async function addList(parts: string[], list: readonly unknown[]): Promise<void> {
  parts.push('[');
  for (let at = 0; at < list.length; at += perTurn) {
    if (at > 0) await nextTurn();
    const texts = list.slice(at, at + perTurn).map((one) => JSON.stringify(one));
    parts.push(`${at > 0 ? ',' : ''}${texts.join(',')}`);
  }
  parts.push(']');
}
