/** What a ladder is drawn of: the heads of the lifelines, arrows and notes. Figures draw with the same. */
import type { ReactNode } from 'react';
import { lifelines } from '../../../machines/index.js';
import type { DrawnArrow } from './ladder-row.js';
import './drawing.css';

/** The two participants, to stand above a lane; a caption stands between them. */
export function Heads({ caption }: { readonly caption?: string }): ReactNode {
  return (
    <span className="ladder-lane ladder-heads">
      {lifelines.map((lifeline) => (
        <span key={lifeline} className="ladder-head">
          {lifeline}
        </span>
      ))}
      {caption && <span className="ladder-caption">{caption}</span>}
    </span>
  );
}

export interface ArrowProps {
  readonly arrow: DrawnArrow;
  /** Written above the line. */
  readonly children: ReactNode;
  /** Written below it. */
  readonly below?: ReactNode;
  readonly className?: string;
}

/** One arrow between the lifelines; the disconnect is dashed and ends in a cross. */
export function Arrow({ arrow, children, below, className = '' }: ArrowProps): ReactNode {
  const way =
    arrow.from === null ? 'broken' : arrow.to === 'Interaction Server' ? 'to-server' : 'to-client';
  return (
    <span className={`ladder-arrow ${way} ${arrow.kind} ${className}`}>
      <span className="ladder-arrow-label">{children}</span>
      <span className="ladder-arrow-line">
        <svg className="ladder-arrow-tip" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
          {arrow.kind === 'disconnect' ? (
            <path d="M2 2l8 8M10 2l-8 8" className="cross" />
          ) : (
            <path d="M1 1.5L11 6L1 10.5z" className="head" />
          )}
        </svg>
      </span>
      {below && <span className="ladder-arrow-below">{below}</span>}
    </span>
  );
}

/** A note over both lifelines. */
export function Note({ children, tone = '' }: { children: ReactNode; tone?: string }): ReactNode {
  return (
    <span className={`ladder-note ${tone}`}>
      <span>{children}</span>
    </span>
  );
}
