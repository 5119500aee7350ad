import { type ReactNode, useId, useState } from 'react';
import {
  clientTypes,
  eventSaid,
  isWireMessage,
  type Lifeline,
  type WireMessage,
} from '../../../machines/index.js';

interface MessageEditorProps {
  readonly from: Lifeline;
  /** The initial message. */
  readonly draft: WireMessage;
  onSend(message: WireMessage): void;
}

/** An editor for a message: the usual fields, and the whole message as JSON. Both edit the same text. */
export function MessageEditor({ from, draft, onSend }: MessageEditorProps): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(draft, null, 2));
  const problemId = useId();
  const read = readMessage(text);
  const message = typeof read === 'string' ? null : read;
  const set = (changes: object) => setText(JSON.stringify({ ...message, ...changes }, null, 2));
  return (
    <div className="simulator-editor">
      {message && (
        <div className="simulator-fields">
          <Field
            label="name"
            value={message.messageName}
            onChange={(messageName) => set({ messageName })}
          />
          <Field
            label="reference id"
            value={message.referenceId === undefined ? '' : JSON.stringify(message.referenceId)}
            onChange={(typed) => set({ referenceId: typedValue(typed) })}
          />
          {'clientName' in message && (
            <Field
              label="client name"
              value={String(message.clientName)}
              onChange={(clientName) => set({ clientName })}
            />
          )}
          {'clientType' in message && (
            <label>
              <span>client type</span>
              <select
                value={String(message.clientType)}
                onChange={({ target }) => set({ clientType: target.value })}
              >
                {clientTypes.map((type) => (
                  <option key={type}>{type}</option>
                ))}
                {!clientTypes.some((type) => type === message.clientType) && (
                  <option>{String(message.clientType)}</option>
                )}
              </select>
            </label>
          )}
          {'errorCode' in message && (
            <Field
              label="error code"
              value={JSON.stringify(message.errorCode) ?? ''}
              onChange={(typed) => set({ errorCode: typedValue(typed) })}
            />
          )}
          {'errorDescription' in message && (
            <Field
              label="error text"
              value={String(message.errorDescription)}
              onChange={(errorDescription) => set({ errorDescription })}
            />
          )}
        </div>
      )}
      <label className="simulator-json">
        <span>JSON</span>
        <textarea
          rows={Math.min(12, text.split('\n').length)}
          spellCheck={false}
          value={text}
          aria-invalid={message === null}
          aria-describedby={problemId}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <p id={problemId} className={message ? '' : 'problem'}>
        {message ? `The chart receives ${eventSaid(from, message).type}.` : String(read)}
      </p>
      <button type="button" disabled={!message} onClick={() => message && onSend(message)}>
        Send this
      </button>
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

function Field({ label, value, onChange }: FieldProps): ReactNode {
  return (
    <label>
      <span>{label}</span>
      <input
        type="text"
        spellCheck={false}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}

/** A typed number or null, otherwise the text, so that invalid values can be sent too. */
function typedValue(typed: string): unknown {
  if (typed.trim() === '') return undefined;
  const value = typed.trim() === 'null' ? null : Number(typed);
  return value === null || Number.isFinite(value) ? value : typed;
}

/** The message in a text, or the problem in words. */
function readMessage(text: string): WireMessage | string {
  try {
    const value: unknown = JSON.parse(text);
    return isWireMessage(value) ? value : 'Expected an object with a non-empty messageName.';
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
