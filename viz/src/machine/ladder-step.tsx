/** One step of a protocol as part of its ladder: what the client sends, what the server answers, and the state after it. */
import type { ReactNode } from 'react';
import type { MachineSides } from '../../../adapters/charts/index.js';
import { valueText } from '../chart/index.js';
import { visible } from '../parts/visible.js';
import type { WalkStep } from './server.js';
import type { TakenStep } from './use-walk.js';

interface Props {
  readonly taken: TakenStep;
  readonly sides: MachineSides;
}

export function LadderStep({ taken: { name, isTimer, step }, sides }: Props): ReactNode {
  const sent = isTimer ? `${name} expires` : (sides.inputs[name ?? ''] ?? name);
  const answers = step.actions.flatMap(
    (action) => sides.outputs[action] ?? [{ label: action, kind: 'note' } as const],
  );
  return (
    <>
      {sent !== null && (
        <span className={isTimer ? 'machine-note' : 'machine-arrow to-server'}>
          {!isTimer && <span className="visually-hidden">{sides.client}: </span>}
          {visible(sent)}
        </span>
      )}
      {answers.map(({ label, kind }, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the answers of a step never change.
          key={index}
          className={kind === 'note' ? 'machine-note' : `machine-arrow to-client ${kind}`}
        >
          <span className="visually-hidden">{sides.server}: </span>
          {visible(label)}
        </span>
      ))}
      <span className="machine-note machine-after">{stateText(step)}</span>
    </>
  );
}

/** The state after a step, or the exception. */
export function stateText({ error, value }: WalkStep): string {
  return error === null ? valueText(value) : `crashed: ${visible(error)}`;
}
