import { type ReactNode, useState } from 'react';
import { type DisconnectReason, disconnectWords } from '../../../machines/index.js';
import { type Choice, choicesIn, draftOf, reasonsIn } from './choices.js';
import { MessageEditor } from './message-editor.js';
import type { Input, Simulation } from './simulation.js';

interface EventsProps {
  readonly simulation: Simulation;
  onInput(input: Input): void;
}

/** All events as buttons, the legal ones first, each with the chart's description. */
export function Events({ simulation, onInput }: EventsProps): ReactNode {
  const [edited, setEdited] = useState<string | null>(null);
  const choices = choicesIn(simulation.configuration);
  if (choices.length === 0) {
    return <p className="simulator-over">The session has ended. Undo or reset.</p>;
  }
  const groups = [
    { title: 'Expected in this state', legal: true },
    { title: 'Not expected in this state', legal: false },
  ];
  return groups.map(({ title, legal }) => (
    <section
      key={title}
      className={`simulator-events ${legal ? '' : 'unexpected'}`}
      aria-label={title}
    >
      <h3>{title}</h3>
      <ul>
        {choices
          .filter((choice) => choice.legal === legal)
          .map((choice) => (
            <li key={choice.type}>
              <EventChoice
                choice={choice}
                simulation={simulation}
                edited={edited === choice.type}
                onEdit={() => setEdited(edited === choice.type ? null : choice.type)}
                onInput={onInput}
              />
            </li>
          ))}
      </ul>
    </section>
  ));
}

interface EventChoiceProps extends EventsProps {
  readonly choice: Choice;
  readonly edited: boolean;
  onEdit(): void;
}

function EventChoice({ choice, simulation, edited, onEdit, onInput }: EventChoiceProps): ReactNode {
  const { type, label, from, legal, says } = choice;
  const { steps, configuration } = simulation;
  const reasons = reasonsIn(configuration);
  const [chosen, setChosen] = useState<DisconnectReason | null>(null);
  const reason = chosen !== null && reasons.includes(chosen) ? chosen : reasons[0];
  const draft = draftOf(type, steps, configuration);
  const send = () => {
    if (type === 'Connected') onInput({ kind: 'connect' });
    else if (type === 'Disconnected' && reason) onInput({ kind: 'end', reason });
    else if (from && draft) onInput({ kind: 'say', from, message: draft });
  };
  return (
    <>
      <div className="simulator-event">
        <button type="button" data-event={type} data-legal={legal} onClick={send}>
          <Way from={from} />
          {label}
        </button>
        {draft && (
          <button
            type="button"
            className="edit"
            aria-expanded={edited}
            onClick={onEdit}
            aria-label={`Edit ${label} before it is sent`}
          >
            Edit
          </button>
        )}
        {type === 'Disconnected' && (
          <select
            aria-label="Reason of the disconnect"
            value={reason}
            onChange={({ target }) => setChosen(target.value as DisconnectReason)}
          >
            {reasons.map((name) => (
              <option key={name} value={name} title={disconnectWords(name, 'server')}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      <p>{says}</p>
      {edited && from && draft && (
        <MessageEditor
          key={steps.length}
          from={from}
          draft={draft}
          onSend={(message) => onInput({ kind: 'say', from, message })}
        />
      )}
    </>
  );
}

/** The direction of a message: to the server, to the client, or none. */
function Way({ from }: { readonly from: Choice['from'] }): ReactNode {
  const path =
    from === null ? 'M5 8h14' : from === 'Client' ? 'M3 8h16M14 4l5 4-5 4' : 'M21 8H5M10 4L5 8l5 4';
  return (
    <svg viewBox="0 0 24 16" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}
