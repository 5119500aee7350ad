/** The steps so far: a click goes back to any of them, and to the start. */
import type { ReactNode } from 'react';
import { valueText } from '../chart/index.js';
import { visible } from '../parts/visible.js';
import type { Walk } from './use-walk.js';

export function StepList({ steps, at, goTo }: Pick<Walk, 'steps' | 'at' | 'goTo'>): ReactNode {
  return (
    <section className="machine-steps" aria-label="Steps">
      <h2>
        Steps
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
      <ol>
        {steps.map(({ input, step }, index) => (
          <li key={step.id} className={index > at ? 'undone' : undefined}>
            <button
              type="button"
              aria-current={index === at ? 'step' : undefined}
              onClick={() => goTo(index)}
            >
              <b>{input === null ? 'Start' : visible(input)}</b>
              <span className="machine-to">
                {step.error === null ? valueText(step.value) : `crashed: ${visible(step.error)}`}
              </span>
              {step.actions.length > 0 && (
                <span className="machine-actions">{visible(step.actions.join(', '))}</span>
              )}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
