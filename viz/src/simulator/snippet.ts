/** A session of the simulator as a vitest test that replays it on the chart. */
import {
  eventSaid,
  type RegistrationEvent,
  type StepRecord,
  speakerOf,
} from '../../../machines/index.js';
import type { Setup, Simulation } from './simulation.js';

/** The text of the test. The server's answers are events like all others, so it needs no validator. */
export function asTest({ steps, configuration }: Simulation, { delays }: Setup): string {
  const path = [...new Set(['connecting', ...steps.map(({ to }) => to)])].join(', ');
  let now = 0;
  const lines = steps.flatMap((step) => {
    const lapse = step.elapsed - now;
    now = step.elapsed;
    return [
      ...(lapse > 0 ? [`clock.increment(${lapse});`] : []),
      ...(step.kind === 'timer' ? [] : [`session.send(${literal(eventOf(step))});`]),
      `expect(session.configuration).toBe(${literal(step.to)});`,
    ];
  });
  return `${[
    "import { seated, Session, simulatedTime } from 'ixgate/machines';",
    "import { expect, it } from 'vitest';",
    "import { createActor, SimulatedClock } from 'xstate';",
    '',
    `it(${literal(`goes through ${path}`)}, () => {`,
    '  const clock = new SimulatedClock();',
    `  const delays = ${literal(delays)};`,
    '  const actor = createActor(seated({ actions: {}, delays }), { clock });',
    '  const session = new Session(actor, {',
    "    session: 'test',",
    "    seat: 'server',",
    '    delays,',
    '    time: simulatedTime(clock),',
    '  });',
    '  actor.start();',
    ...lines.map((line) => `  ${line}`),
    ...(lines.length === 0
      ? [`  expect(session.configuration).toBe(${literal(configuration)});`]
      : []),
    '});',
  ].join('\n')}\n`;
}

/** The event of a step. */
export function eventOf(step: StepRecord): RegistrationEvent {
  if (step.kind === 'message') {
    const message = step.payload ?? { messageName: step.name, referenceId: step.referenceId };
    return eventSaid(speakerOf(step) ?? 'Client', message);
  }
  if (step.to !== 'disconnected') return { type: 'Connected' };
  return { type: 'Disconnected', reason: step.reason ?? 'transport-error' };
}

/** A value as JavaScript, with single quotes. */
function literal(value: unknown): string {
  if (typeof value === 'string') {
    return `'${JSON.stringify(value).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
  }
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)}: ${literal(inner)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
