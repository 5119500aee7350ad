import type { ReactNode } from 'react';
import { visible } from './visible.js';

interface NotOpenProps {
  /** E.g. `coverage`. */
  readonly what: string;
  /** The name in the address of the page; null without one. */
  readonly name: string | null;
  /** What the button opens, e.g. `a coverage file`. */
  readonly file: string;
  /** How to get such a file. */
  readonly children: ReactNode;
  onOpen(): void;
}

/** The stage of a view without a file. */
export function NotOpen({ what, name, file, children, onOpen }: NotOpenProps): ReactNode {
  return (
    <div className="page-stage">
      <section className="welcome" aria-label={`No ${what}`}>
        <h2>{name === null ? `No ${what} is open` : `The ${what} ${visible(name)} is not open`}</h2>
        <p>{children}</p>
        <p className="choices">
          <button type="button" onClick={onOpen}>
            Open {file}
          </button>
        </p>
      </section>
    </div>
  );
}
