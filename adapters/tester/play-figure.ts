import {
  type Figure,
  type FigureRun,
  type LivePlayOptions,
  playFigureLive,
  type StepRecord,
} from '../../machines/index.js';
import { publishStep } from '../runtime/step-channel.js';
import { type HearingOptions, overhear } from './overheard.js';
import type { FigureTarget } from './target.js';

export { toleranceOf } from '../../machines/index.js';

/** How a figure is played against a live server. All durations are in milliseconds. */
export interface PlayOptions extends LivePlayOptions, Omit<HearingOptions, 'signal'> {}

/**
 * Plays one figure against a live server: says the client's arrows, notes what the server says and when it disconnects,
 * and compares. The run stops at the first difference. Whatever the server does is in the run; nothing it does is thrown.
 * @throws {NotReachableError} when there is no connection to play on.
 */
export async function playFigure(
  figure: Figure,
  target: FigureTarget,
  options: PlayOptions = {},
): Promise<FigureRun> {
  const onStep = (step: StepRecord) => {
    publishStep(step);
    options.onStep?.(step);
  };
  return await overhear(target, options, (heard) =>
    playFigureLive(figure, heard, target.name, { ...options, onStep }),
  );
}
