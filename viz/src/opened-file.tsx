import { Icon } from './icon.js';
import { counted } from './times.js';

interface OpenedFileProps {
  readonly name: string;
  /** Sessions in it. */
  readonly sessions: number;
  readonly isChosen: boolean;
  onChoose(): void;
  onClose(): void;
}

/** A file that is open, among others: chosen with one button, closed with the other. */
export function OpenedFile({ name, sessions, isChosen, onChoose, onClose }: OpenedFileProps) {
  return (
    <span className="source">
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <span className="source-name">{name}</span> {counted(sessions)}
      </button>
      <button type="button" className="plain" aria-label={`Close ${name}`} onClick={onClose}>
        <Icon name="close" />
      </button>
    </span>
  );
}
