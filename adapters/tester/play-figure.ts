import {
  type Figure,
  type FigureRun,
  type LivePlayOptions,
  playFigureLive,
  type StepRecord,
} from '../../machines/index.js';
import { publishStep } from '../step-channel.js';
import { type Codec, jsonCodec } from '../wire/index.js';
import { Overheard } from './overheard.js';
import type { FigureTarget } from './target.js';

export { toleranceOf } from '../../machines/index.js';

/** How a figure is played against a live server. All durations are in milliseconds. */
export interface PlayOptions extends LivePlayOptions {
  /** How long connecting may take. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Longest frame in bytes the server may send. @default 65536 */
  readonly maxFrame?: number | undefined;
  /** @default jsonCodec */
  readonly codec?: Codec | undefined;
}

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
  const { connectTimeout = 5_000, maxFrame = 65_536, codec = jsonCodec } = options;
  const connection = await target.open({ timeout: connectTimeout, maxFrame });
  const overheard = new Overheard(connection, codec, maxFrame);
  const onStep = (step: StepRecord) => {
    publishStep(step);
    options.onStep?.(step);
  };
  try {
    return await playFigureLive(figure, overheard, target.name, { ...options, onStep });
  } finally {
    overheard.close();
  }
}
