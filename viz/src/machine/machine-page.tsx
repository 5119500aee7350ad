import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { activeStates, ChartDrawing, useLayout, valueText } from '../chart/index.js';
import { visible } from '../parts/visible.js';
import { keptTheme, useTheme } from '../state/theme.js';
import { InputList } from './input-list.js';
import type { ShownMachine, WalkStep } from './server.js';
import { StepList } from './step-list.js';
import { useWalk, type Walk } from './use-walk.js';

const none: ReadonlySet<string> = new Set();

/** The chart of a machine, what can happen to it, its state, and the steps so far. */
export function MachinePage(): ReactNode {
  const walk = useWalk();
  const { machine, problem, steps, at } = walk;
  const step = steps[at]?.step;
  const [theme, setTheme] = useState(keptTheme);
  useTheme(theme);
  return (
    <>
      <header className="page-header">
        <h1>ixgate</h1>
        <p className="machine-title">
          {machine ? (
            <>
              Machine <b>{visible(machine.name)}</b>: click what happens, and see what it does.
              Actions do not run, and timers expire when you click them.
            </>
          ) : (
            'Loading the machine'
          )}
        </p>
        <label className="theme">
          <span className="visually-hidden">Theme</span>
          <select value={theme} onChange={({ target }) => setTheme(target.value as typeof theme)}>
            <option value="auto">Theme: auto</option>
            <option value="light">Theme: light</option>
            <option value="dark">Theme: dark</option>
          </select>
        </label>
      </header>
      <main className="page-main machine">
        {machine && step ? (
          <>
            <section className="machine-inputs" aria-label="What can happen">
              <h2>What can happen</h2>
              <p className="machine-problem tone bad" role="alert">
                {problem && visible(problem)}
              </p>
              <InputList key={step.id} step={step} onTake={walk.take} />
            </section>
            <Stage machine={machine} step={step} walk={walk} />
            <aside className="machine-side">
              <StatePanel step={step} />
              <StepList {...walk} />
            </aside>
          </>
        ) : (
          <p className="machine-problem tone bad" role="alert">
            {problem && visible(problem)}
          </p>
        )}
      </main>
    </>
  );
}

interface StageProps {
  readonly machine: ShownMachine;
  readonly step: WalkStep;
  readonly walk: Walk;
}

function Stage({ machine, step, walk }: StageProps): ReactNode {
  const { name, tree } = machine;
  const layout = useLayout(useMemo(() => ({ tree, key: name }), [tree, name]));
  const [edge, setEdge] = useState<string | null>(null);
  const chosen = tree.edges.find(({ id }) => id === edge);
  useEffect(() => {
    const onKeyDown = ({ key }: KeyboardEvent) => key === 'Escape' && setEdge(null);
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <div className="machine-chart">
      {layout === null ? (
        <p className="machine-over">Laying out the chart ...</p>
      ) : 'problem' in layout ? (
        <p className="machine-over tone bad">The chart cannot be drawn: {layout.problem}</p>
      ) : (
        <ChartDrawing
          layout={layout}
          name={`Chart of ${visible(name)}`}
          active={activeStates(tree.root, step.value)}
          taken={step.transitions.length > 0 ? { edges: step.transitions, seq: step.id } : null}
          counts={walk.counts}
          selected={edge === null ? none : new Set([edge])}
          countdown={null}
          path={null}
          onSelectEdge={(id) => setEdge(id === edge ? null : id)}
        />
      )}
      {chosen && <p className="machine-edge">{visible(chosen.description)}</p>}
    </div>
  );
}

function StatePanel({ step }: { readonly step: WalkStep }): ReactNode {
  const { value, status, context, timers, actors, tags } = step;
  const rows = [
    ['State', valueText(value) || 'the machine itself'],
    ['Status', status],
    ['Timers', timers.join(', ')],
    ['Actors', actors.join(', ')],
    ['Tags', tags.join(', ')],
  ].filter(([, text]) => text !== '');
  const lines = (JSON.stringify(context, null, 1) ?? '').split('\n').map((line) => visible(line));
  const hasContext = Object.keys(Object(context)).length > 0;
  return (
    <section className="machine-state" aria-label="State">
      <h2>State</h2>
      <dl>
        {rows.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{visible(text ?? '')}</dd>
          </div>
        ))}
        {hasContext && (
          <div>
            <dt>Context</dt>
            <dd>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
              <pre tabIndex={0}>{lines.join('\n')}</pre>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
