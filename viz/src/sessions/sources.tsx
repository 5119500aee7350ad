import { OpenedFile } from '../parts/opened-file.js';
import type { OpenRecording } from '../state/store.js';

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
        <OpenedFile
          key={name}
          name={name}
          sessions={index.size}
          isChosen={chosen === name}
          onChoose={() => onChoose(name)}
          onClose={() => onClose(name)}
        />
      ))}
    </fieldset>
  );
}
