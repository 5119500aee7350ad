import { OpenedFile } from '../parts/opened-file.js';
import type { OpenRecording } from '../state/store.js';

interface SourcesProps {
  readonly gate: boolean;
  readonly recordings: readonly OpenRecording[];
  readonly chosen: string | null;
  onChoose(recording: string | null): void;
  onClose(recording: string): void;
}

/** Chooses the list: the gate's, or that of an open recording. Hidden without recordings. */
export function Sources({ gate, recordings, chosen, onChoose, onClose }: SourcesProps) {
  if (recordings.length === 0) return null;
  return (
    <fieldset className="sources" aria-label="Source of the sessions">
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
