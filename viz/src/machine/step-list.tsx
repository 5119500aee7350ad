/** The steps so far, as a list or as the ladder of a protocol: a click goes back to any of them, and to the start. */
import type { ReactNode } from 'react';
import { visible } from '../parts/visible.js';
import { LadderStep, stateText } from './ladder-step.js';
import type { TakenStep, Walk } from './use-walk.js';

type StepListProps = Pick<Walk, 'machine' | 'steps' | 'at' | 'goTo'>;

export function StepList({ machine, steps, at, goTo }: StepListProps): ReactNode {
  const sides = machine?.sides ?? null;
  const title = sides ? 'Ladder' : 'Steps';
  return (
    <section className="machine-steps" aria-label={title}>
      <h2>
        {title}
        <span className="machine-buttons">
          <button type="button" disabled={at === 0} onClick={() => goTo(at - 1)}>
            Undo
          </button>
          <button type="button" disabled={at >= steps.length - 1} onClick={() => goTo(at + 1)}>
            Redo
          </button>
          <button type="button" disabled={at === 0} onClick={() => goTo(0)}>
            Start over
          </button>
        </span>
      </h2>
      {sides && (
        <p className="machine-sides">
          <b>{visible(sides.client)}</b> <b>{visible(sides.server)}</b>
        </p>
      )}
      <ol>
        {steps.map((taken, index) => (
          <li key={taken.step.id} className={index > at ? 'undone' : undefined}>
            <button
              type="button"
              className={sides ? 'machine-rung' : 'machine-step'}
              aria-current={index === at ? 'step' : undefined}
              onClick={() => goTo(index)}
            >
              {sides ? <LadderStep taken={taken} sides={sides} /> : <ListedStep {...taken} />}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function ListedStep({ input, step }: TakenStep): ReactNode {
  return (
    <>
      <b>{input === null ? 'Start' : visible(input)}</b>
      <span className="machine-to">{stateText(step)}</span>
      {step.actions.length > 0 && (
        <span className="machine-actions">{visible(step.actions.join(', '))}</span>
      )}
    </>
  );
}
