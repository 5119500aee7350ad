import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  interactionServerFormat,
  outboundContactServerFormat,
} from '../../../adapters/observer/interaction-log/index.js';
import type { Damage, LogFormat } from '../../../adapters/observer/index.js';
import { type ObservedEvent, Observer, type ObservedSession, verdictWords } from '../../../machines/index.js';

function read(text: string, format: LogFormat = interactionServerFormat(), name = 'a.log') {
  const events: ObservedEvent[] = [];
  const damages: Damage[] = [];
  const reader = format.open(
    { file: name, name },
    { event: (event) => events.push(event), damage: (damage) => damages.push(damage) },
  );
  const lines = text.split('\n');
  const isTorn = lines.pop() !== '';
  for (const line of lines) reader.take(line, false);
  if (isTorn) reader.take(text.slice(text.lastIndexOf('\n') + 1), false);
  reader.end(isTorn);
  return { events, damages, counts: reader.counts };
}

test('samples', () => {
  for (const f of ['verdicts', 'midnight', 'ocs']) {
    const text = readFileSync(`/work/shared/logs/${f}.log`, 'utf8');
    const format = f === 'ocs' ? outboundContactServerFormat() : interactionServerFormat();
    const { events, damages, counts } = read(text, format);
    const sessions: ObservedSession[] = [];
    const o = new Observer({ hasConnections: format.hasConnections, onSession: (s) => sessions.push(s), onFinding: (x) => console.log(x) });
    for (const e of events) o.take(e);
    o.end();
    console.log(f, counts, damages, format.recognises(text.split('\n')), sessions.map((s) => [s.summary.session, s.client, s.summary.clientType, verdictWords(s.summary), s.answeredAfter, s.inferred.join(), new Date(s.summary.startedAt).toISOString(), new Date(s.summary.lastAt).toISOString(), s.summary.error?.text].join(' | ')));
  }
});
