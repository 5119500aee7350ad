import { Icon } from './icon.js';
import { counted } from './times.js';
import { visible } from './visible.js';

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
  const shown = visible(name, 255);
  return (
    <span className="source">
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <bdi className="source-name" title={shown}>
          {shown}
        </bdi>{' '}
        {counted(sessions)}
      </button>
      <button type="button" className="plain" aria-label={`Close ${shown}`} onClick={onClose}>
        <Icon name="close" />
      </button>
    </span>
  );
}
