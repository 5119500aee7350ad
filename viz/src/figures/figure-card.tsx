import type { ReactNode } from 'react';
import { type Figure, pathOf } from '../../../machines/index.js';
import { FigureDrawing } from './figure-drawing.js';
import { Result } from './result.js';
import { type Play, timesOf } from './use-plays.js';

interface FigureCardProps {
  readonly figure: Figure;
  readonly selected: boolean;
  readonly play: Play | undefined;
  onSelect(): void;
  onPlay(): void;
  onPlayLive(): void;
  onStop(): void;
}

/** One documented figure: its drawing, the readings of this project, its path, and the buttons to play it. */
export function FigureCard(props: FigureCardProps): ReactNode {
  const { figure, selected, play } = props;
  const playing = play?.state === 'playing';
  const title = `figure-title-${figure.id}`;
  return (
    <article className={`figure-card ${selected ? 'selected' : ''}`} aria-labelledby={title}>
      <header>
        <h3 id={title}>
          <button type="button" aria-pressed={selected} onClick={props.onSelect}>
            <b>Figure {figure.id}</b> {figure.title}
          </button>
        </h3>
      </header>
      <FigureDrawing
        figure={figure}
        arrows={play?.arrows ?? null}
        times={timesOf(play)}
        playing={playing}
      />
      <div className="figure-actions">
        {playing ? (
          <button type="button" onClick={props.onStop}>
            Stop
          </button>
        ) : (
          <>
            <button type="button" className="main" onClick={props.onPlay}>
              Play
            </button>
            <button type="button" onClick={props.onPlayLive}>
              Play against the gate
            </button>
          </>
        )}
      </div>
      <Result play={play} />
      <details>
        <summary>Readings and path</summary>
        <h4>Not in the Genesys document</h4>
        <ul>
          {figure.readings.map((reading) => (
            <li key={reading}>{reading}</li>
          ))}
        </ul>
        <h4>Path through the chart</h4>
        <ol className="figure-path">
          {pathOf(figure).map((edge, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a path may take an edge twice and never changes.
            <li key={index}>{edge}</li>
          ))}
        </ol>
        <p>{figure.source}</p>
      </details>
    </article>
  );
}
