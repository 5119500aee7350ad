import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useState } from 'react';
import { duration, registrationEdges } from '../../../machines/index.js';
import { isUnexpected } from '../ladder/rows.js';
import type { SimulatorProps } from '../state/contracts.js';
import { ClockBar } from './clock-bar.js';
import { Events } from './events.js';
import { add, noHistory, redo, undo } from './history.js';
import {
  type Answers,
  type Input,
  type Simulation,
  simulate,
  simulatorView,
} from './simulation.js';
import { asTest } from './snippet.js';
import { useInputs } from './use-inputs.js';
import './simulator.css';

/** By itself it answers as a gate whose validator finds every client so, or never answers. */
const answersWords: Readonly<Record<Answers, string>> = {
  'by-hand': 'by hand',
  valid: 'valid client',
  invalid: 'not valid',
  silent: 'silent',
};

/** The chart by hand, no server needed. The session it makes is drawn by the page. */
export function Simulator({ onShow, ...props }: SimulatorProps): ReactNode {
  const { history, setup, change } = useInputs(props);
  const simulation = useMemo(() => simulate(history.done, setup), [history.done, setup]);
  const { configuration, answers, steps } = simulation;
  const over = configuration === 'disconnected';

  useEffect(() => {
    onShow(simulatorView(simulation, setup));
  }, [simulation, setup, onShow]);

  const input = (next: Input) => change(add(history, next));
  const onKeyDown = (event: KeyboardEvent) => {
    const typing = (event.target as Element).matches('input[type="text"], textarea');
    if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
    event.preventDefault();
    change(event.shiftKey ? redo(history) : undo(history));
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: undo from wherever the focus is inside.
    <div className="simulator-part" onKeyDown={onKeyDown}>
      <h2 className="visually-hidden">Simulator</h2>
      <Standing simulation={simulation} />
      <div className="simulator-tools">
        <button
          type="button"
          disabled={history.done.length === 0}
          onClick={() => change(undo(history))}
        >
          Undo
        </button>
        <button
          type="button"
          disabled={history.undone.length === 0}
          onClick={() => change(redo(history))}
        >
          Redo
        </button>
        <button
          type="button"
          disabled={history.done.length === 0}
          onClick={() => change(noHistory)}
        >
          Reset
        </button>
        <CopyAsTest text={asTest(simulation, setup)} disabled={steps.length === 0} />
      </div>
      <fieldset className="simulator-answers" disabled={over}>
        <legend>The server answers</legend>
        {(Object.keys(answersWords) as Answers[]).map((value) => (
          <label key={value}>
            <input
              type="radio"
              name="simulator-answers"
              checked={answers === value}
              onChange={() => input({ kind: 'answers', answers: value })}
            />
            <span>{answersWords[value]}</span>
          </label>
        ))}
      </fieldset>
      <ClockBar
        deadline={simulation.deadline}
        over={over}
        onWait={(ms) => input({ kind: 'wait', ms })}
      />
      <Events simulation={simulation} onInput={input} />
    </div>
  );
}

/** Where the chart stands, and what it said of the last event if it was unexpected. */
function Standing({ simulation }: { readonly simulation: Simulation }): ReactNode {
  const { configuration, deadline, elapsed, steps } = simulation;
  const last = steps.at(-1);
  const odd = last && isUnexpected(last) ? last : null;
  const says = registrationEdges
    .filter((edge) => odd?.transition.includes(edge.id))
    .map((edge) => edge.description);
  return (
    <div className="simulator-standing" role="status">
      <strong>{configuration}</strong>
      <span>
        {duration(elapsed)} since the connect
        {deadline !== null && `, ${duration(deadline)} to the deadline`}
      </span>
      {odd && (
        <p>
          <bdi>{odd.name}</bdi> was unexpected: {says.join(' ')}
        </p>
      )}
    </div>
  );
}

/** Copies where the browser lets a page copy, and shows the text in any case. */
function CopyAsTest({
  text,
  disabled,
}: {
  readonly text: string;
  readonly disabled: boolean;
}): ReactNode {
  const [shown, setShown] = useState<{ text: string; copied: boolean } | null>(null);
  const copy = async () => {
    const copied = await Promise.resolve()
      .then(() => navigator.clipboard.writeText(text))
      .then(
        () => true,
        () => false,
      );
    setShown({ text, copied });
  };
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => void copy()}>
        Copy as test
      </button>
      {shown?.text === text && (
        <div className="simulator-snippet">
          <p role="status">
            {shown.copied ? 'Copied.' : 'This page may not copy; take it from here.'}
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
          <pre tabIndex={0}>{text}</pre>
        </div>
      )}
    </>
  );
}
