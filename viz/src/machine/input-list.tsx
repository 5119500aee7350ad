/** What can happen now: the events, the running timers and the outcomes of actors, as buttons. */
import { type ReactNode, useState } from 'react';
import { visible } from '../parts/visible.js';
import type { WalkInput, WalkStep } from './server.js';

interface InputListProps {
  readonly step: WalkStep;
  onTake(input: WalkInput, json: string): void;
}

const groups = [
  { title: 'Events', kind: 'event' },
  { title: 'Running timers', kind: 'timer' },
  { title: 'Outcomes of actors', kind: 'outcome' },
] as const;

export function InputList({ step, onTake }: InputListProps): ReactNode {
  if (step.inputs.length === 0) {
    const why =
      step.error === null ? 'The machine has ended.' : `The machine crashed: ${step.error}.`;
    return <p className="machine-over">{why} Go back to an earlier step.</p>;
  }
  const usable = step.inputs.filter(({ effect }) => effect !== 'none');
  const others = step.inputs.filter(({ effect, kind }) => effect === 'none' && kind !== 'outcome');
  return (
    <>
      {groups.map(({ title, kind }) => {
        const inputs = usable.filter((input) => input.kind === kind);
        if (inputs.length === 0) return null;
        return (
          <section key={kind} aria-label={title}>
            <h3>{title}</h3>
            <ul>
              {inputs.map((input) => (
                <InputRow key={input.name} input={input} onTake={onTake} />
              ))}
            </ul>
          </section>
        );
      })}
      {others.length > 0 && (
        <section aria-label="Without effect here" className="machine-idle">
          <h3>Without effect here</h3>
          <ul>
            {others.map((input) => (
              <InputRow key={input.name} input={input} onTake={onTake} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface InputRowProps {
  readonly input: WalkInput;
  onTake(input: WalkInput, json: string): void;
}

function InputRow({ input, onTake }: InputRowProps): ReactNode {
  const { name, kind, effect, needs, problem } = input;
  const plain = JSON.stringify(input.event);
  const lacking = Object.fromEntries(needs.map((key) => [key, null]));
  const [text, setText] = useState(JSON.stringify({ ...input.event, ...lacking }));
  const [isOpen, setOpen] = useState(false);
  const isEdited = isOpen || effect === 'data';
  const invalid = isEdited ? problemIn(text) : null;
  const send = () => {
    if (invalid === null) onTake(input, isEdited ? text : plain);
  };
  return (
    <li>
      <div className="machine-input">
        <button type="button" onClick={send} disabled={effect === 'none' && !isOpen}>
          {visible(kind === 'timer' && /^\d+$/.test(name) ? `${name} ms` : name)}
        </button>
        {kind !== 'timer' && effect !== 'data' && (
          <button
            type="button"
            className="plain machine-edit"
            aria-expanded={isOpen}
            aria-label={`Data of ${visible(name)}`}
            onClick={() => setOpen(!isOpen)}
          >
            data
          </button>
        )}
      </div>
      {isEdited && (
        <textarea
          aria-label={`${visible(name)} as JSON`}
          aria-invalid={invalid !== null}
          spellCheck={false}
          rows={2}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            send();
          }}
        />
      )}
      {invalid !== null && <p className="machine-hint tone bad">{invalid}</p>}
      {isEdited && needs.length > 0 && (
        <p className="machine-hint">
          The chart reads {visible(needs.map((key) => `event.${key}`).join(', '))}.
        </p>
      )}
      {problem !== null && <p className="machine-hint tone bad">{visible(problem)}</p>}
    </li>
  );
}

/** Why a text is not an event; null when it is one. */
function problemIn(text: string): string | null {
  try {
    const event = JSON.parse(text) as { type?: unknown } | null;
    const isEvent = typeof event === 'object' && typeof event?.type === 'string';
    return isEvent ? null : 'Expected an object with a type, e.g. {"type":"GO"}';
  } catch {
    return 'Invalid JSON';
  }
}
