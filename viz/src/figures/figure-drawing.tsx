import type { ReactNode } from 'react';
import type { ComparedArrow, Figure, FigureArrow } from '../../../machines/index.js';
import { Arrow, Heads, Note } from '../ladder/index.js';
import { clockTime } from '../ladder/words.js';

interface FigureDrawingProps {
  readonly figure: Figure;
  /** The arrows that were played; null when the figure was not played. */
  readonly arrows: readonly ComparedArrow[] | null;
  /** Milliseconds since the connect, by the index of the arrow. */
  readonly times: readonly (number | undefined)[];
  readonly playing: boolean;
}

/** The drawing of a documented figure. While it plays, its arrows light up one after the other. */
export function FigureDrawing({ figure, arrows, times, playing }: FigureDrawingProps): ReactNode {
  const indexes = new Map<FigureArrow, number>();
  for (const step of figure.steps) if (step.kind !== 'note') indexes.set(step, indexes.size);
  const reached = arrows?.findLastIndex(({ verdict }) => verdict !== 'not-reached') ?? -1;
  return (
    <div className="figure-drawing">
      <div className="figure-row" aria-hidden="true">
        <span className="figure-time" />
        <Heads />
      </div>
      <ol>
        {figure.steps.map((step, place) => {
          const index = step.kind === 'note' ? -1 : (indexes.get(step) ?? -1);
          const verdict = arrows?.[index]?.verdict;
          const at = verdict && verdict !== 'not-reached' ? times[index] : undefined;
          const current = playing && index === reached && index !== -1;
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a figure never changes its order.
              key={place}
              className={`figure-row ${verdict ?? ''} ${current ? 'current' : ''}`}
            >
              <span className="figure-time">{at !== undefined && clockTime(at)}</span>
              <span className={`ladder-lane ${step.kind === 'disconnect' ? 'last' : ''}`}>
                {step.kind === 'note' ? <Note>{step.label}</Note> : <Drawn arrow={step} />}
                <span className="figure-said">{spoken(step.kind, verdict)}</span>
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Drawn({ arrow }: { readonly arrow: FigureArrow }): ReactNode {
  const below = arrow.valid === false ? 'an invalid client' : arrow.valid ? 'a valid client' : null;
  return (
    <Arrow arrow={arrow} below={below}>
      <span className="figure-said">
        {arrow.from === 'Client' ? 'client to server: ' : 'server to client: '}
      </span>
      {arrow.label}
    </Arrow>
  );
}

/** Text for screen readers after the arrow. */
function spoken(kind: string, verdict: ComparedArrow['verdict'] | undefined): string {
  if (kind === 'note' || verdict === undefined) return '';
  return { ok: ', matches', differs: ', differs', 'not-reached': ', not reached' }[verdict];
}
