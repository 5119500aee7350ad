/** Whether the model has a session in which both charts take the steps that were recorded of real seats, in any order between the two. */

import type { StepRecord } from '../../../machines/index.js';
import type { ProductSearch } from '../../../machines/registration/product/check.js';
import type { ModelStep } from '../../../machines/registration/product/model-step.js';

/** As a recording has it, a step of the model. */
function nameOf(step: ModelStep): string | null {
  if (step.seat === null || step.kind === 'tries') return null;
  return step.event ?? step.timer;
}

function recorded({ kind, direction, seat, name }: StepRecord): string {
  if (kind !== 'message') return name;
  const isClients = (direction === 'in') === (seat === 'server');
  if (isClients) return name === 'RequestRegisterClient' ? name : 'OtherMessage';
  return name === 'EventAck' || name === 'EventError' ? name : 'OtherEvent';
}

/**
 * Follows both recordings through the model.
 * @param client null where the client is not one of ours and recorded nothing: then it may have done anything.
 * @returns how many of the records of each were followed, at best. All of them when the session is one of the model's.
 */
export function followed(
  { model }: ProductSearch,
  server: readonly StepRecord[],
  client: readonly StepRecord[] | null,
): { server: number; client: number } {
  const start = { code: model.encoding.encode(model.initial), server: 0, client: 0 };
  const places = [start];
  const seen = new Set<string>();
  let best = start;
  for (const place of places) {
    if (place.server + place.client > best.server + best.client) best = place;
    model.each(model.encoding.decode(place.code), (step, next) => {
      const name = nameOf(step);
      const to = { code: model.encoding.encode(next), server: place.server, client: place.client };
      const seat = step.seat ?? 'server';
      const records = seat === 'server' ? server : client;
      if (name !== null && records !== null) {
        const record = records[place[seat]];
        const state = model[seat].names[next[seat]];
        if (!record || recorded(record) !== name || record.to !== state) return;
        to[seat] += 1;
      }
      const key = `${to.code} ${to.server} ${to.client}`;
      if (seen.has(key)) return;
      seen.add(key);
      places.push(to);
    });
  }
  return { server: best.server, client: best.client };
}
