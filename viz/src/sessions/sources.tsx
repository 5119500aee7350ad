import { Icon } from '../icon.js';
import type { OpenRecording } from '../store.js';
import { counted } from '../times.js';

interface SourcesProps {
  readonly gate: boolean;
  readonly recordings: readonly OpenRecording[];
  readonly chosen: string | null;
  onChoose(recording: string | null): void;
  onClose(recording: string): void;
}

/** Which list is shown: the gate's, or that of a recording that is open. Nothing to choose from, nothing shown. */
export function Sources({ gate, recordings, chosen, onChoose, onClose }: SourcesProps) {
  if (recordings.length === 0) return null;
  return (
    <fieldset className="sources" aria-label="Whose sessions">
      {gate && (
        <button type="button" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
          The gate
        </button>
      )}
      {recordings.map(({ name, index }) => (
        <span key={name} className="source">
          <button type="button" aria-pressed={chosen === name} onClick={() => onChoose(name)}>
            <span className="source-name">{name}</span> {counted(index.size)}
          </button>
          <button
            type="button"
            className="plain"
            aria-label={`Close ${name}`}
            onClick={() => onClose(name)}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
    </fieldset>
  );
}
