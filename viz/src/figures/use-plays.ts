import { useCallback, useEffect, useRef, useState } from 'react';
import {
  type ComparedArrow,
  type Figure,
  type FigureId,
  type FigureRun,
  observedFrom,
  type StepRecord,
} from '../../../machines/index.js';
import type { SessionView } from '../state/contracts.js';
import { nameNotLetIn } from './not-let-in.js';
import { figureView, playedSoFar } from './playback.js';
import type { Progress } from './players.js';

/** How it stands with one figure. */
export interface Play {
  readonly state: 'playing' | 'done' | 'failed';
  /** The figure's arrows, as far as they have come. */
  readonly arrows: readonly ComparedArrow[];
  readonly steps: readonly StepRecord[];
  readonly run: FigureRun | null;
  /** Why it could not be played at all. */
  readonly problem: string | null;
}

export type Player = (stop: AbortSignal, onProgress: Progress) => Promise<FigureRun>;

/** What was played, by figure; one is played at a time. */
export function usePlays(onShow: (view: SessionView) => void): {
  readonly plays: ReadonlyMap<FigureId, Play>;
  play(figure: Figure, player: Player): Promise<void>;
  stop(): void;
} {
  const [plays, setPlays] = useState<ReadonlyMap<FigureId, Play>>(new Map());
  const running = useRef<AbortController | null>(null);
  const show = useRef(onShow);
  useEffect(() => {
    show.current = onShow;
  }, [onShow]);
  useEffect(() => () => running.current?.abort(), []);

  const set = useCallback((id: FigureId, play: Play | null) => {
    setPlays((before) => {
      const after = new Map(before);
      if (play) after.set(id, play);
      else after.delete(id);
      return after;
    });
  }, []);

  const play = useCallback(
    async (figure: Figure, player: Player) => {
      running.current?.abort();
      const mine = new AbortController();
      running.current = mine;
      const { id } = figure;
      const progress: Progress = (steps, now) => {
        const view = figureView(id, steps, now);
        if (view) show.current(view);
        const arrows = playedSoFar(figure, steps);
        set(id, { state: 'playing', arrows, steps, run: null, problem: null });
      };
      progress([], 0);
      try {
        const run = await player(mine.signal, progress);
        if (mine.signal.aborted) return set(id, null);
        const view = figureView(id, run.steps, undefined);
        if (view) show.current(view);
        const arrows = nameNotLetIn(run) === null ? run.arrows : withoutDifference(run.arrows);
        set(id, { state: 'done', arrows, steps: run.steps, run, problem: null });
      } catch (error) {
        if (mine.signal.aborted) return set(id, null);
        const problem = error instanceof Error ? error.message : String(error);
        const arrows = playedSoFar(figure, []);
        set(id, { state: 'failed', arrows, steps: [], run: null, problem });
      }
    },
    [set],
  );

  const stop = useCallback(() => running.current?.abort(), []);
  return { plays, play, stop };
}

/** The arrows of a run that was not judged to its end. */
function withoutDifference(arrows: readonly ComparedArrow[]): readonly ComparedArrow[] {
  return arrows.map((arrow) =>
    arrow.verdict === 'differs' ? { ...arrow, verdict: 'not-reached' as const } : arrow,
  );
}

/** When an arrow was seen, by its index; for the times beside a drawing. */
export function timesOf(play: Play | undefined): readonly (number | undefined)[] {
  if (!play) return [];
  return (play.run?.seen ?? observedFrom(play.steps)).map(({ at }) => at);
}
