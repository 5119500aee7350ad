import { type ReactNode, useId, useState } from 'react';
import { duration } from '../../../machines/index.js';

interface ClockBarProps {
  /** Milliseconds left to the running deadline, or null. */
  readonly deadline: number | null;
  readonly over: boolean;
  onWait(ms: number): void;
}

/** One day; larger values are most likely typing errors. */
const longest = 86_400_000;

/** Controls that advance the simulated clock. */
export function ClockBar({ deadline, over, onWait }: ClockBarProps): ReactNode {
  const [typed, setTyped] = useState('2500');
  const field = useId();
  const ms = Number(typed);
  const usable = typed.trim() !== '' && Number.isInteger(ms) && ms > 0 && ms <= longest;
  return (
    <fieldset className="simulator-clock" disabled={over}>
      <legend>Clock</legend>
      <button type="button" onClick={() => onWait(100)}>
        +100 ms
      </button>
      <button type="button" onClick={() => onWait(1_000)}>
        +1 s
      </button>
      <button
        type="button"
        disabled={deadline === null}
        onClick={() => deadline !== null && onWait(deadline)}
      >
        To the deadline{deadline !== null && ` (+${duration(deadline)})`}
      </button>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (usable) onWait(ms);
        }}
      >
        <label htmlFor={field}>by</label>
        <input
          id={field}
          type="text"
          inputMode="numeric"
          value={typed}
          aria-invalid={!usable}
          onChange={({ target }) => setTyped(target.value)}
        />
        <span>ms</span>
        <button type="submit" disabled={!usable} title={`1 to ${longest} ms`}>
          Advance
        </button>
      </form>
    </fieldset>
  );
}
