import type { Figure } from '../../machines/registration/figures/figures.js';
import type { FigureRun } from '../../machines/registration/figures/play.js';
import {
  type LivePlayOptions,
  playFigureLive,
} from '../../machines/registration/figures/play-live.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { publishStep } from '../runtime/step-channel.js';
import { type ServerConnectionOptions, withServerConnection } from './server-connection.js';
import type { FigureTarget } from './target.js';

export { toleranceOf } from '../../machines/registration/figures/play-live.js';

/** Options for playing a figure against a live server. All durations are in milliseconds. */
export interface PlayOptions extends LivePlayOptions, Omit<ServerConnectionOptions, 'signal'> {}

/**
 * Plays one figure against a live server: sends the client's messages, records the server's messages and its disconnect, and compares
 * them with the figure. The run stops at the first difference. The result holds whatever the server does; no behaviour of the server
 * throws.
 * @throws {NotReachableError} when there is no connection.
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
  return await withServerConnection(target, options, (connection) =>
    playFigureLive(figure, connection, target.name, { ...options, onStep }),
  );
}
