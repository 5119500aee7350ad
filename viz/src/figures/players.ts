/** The two ways to play a figure: on the chart in a simulated clock, and against a live server. */
import {
  type Figure,
  type FigureClients,
  type FigureRun,
  playFigureLive,
  playFigureOnChart,
  type StepRecord,
} from '../../../machines/index.js';
import type { SeatDelays } from '../state/contracts.js';
import { lengthOf, stepsUntil } from './playback.js';
import { connectTo } from './wire.js';

/** How many simulated milliseconds a real one is worth; Infinity shows the end at once. */
export const speeds = [1, 4, 20, Number.POSITIVE_INFINITY] as const;
export type Speed = (typeof speeds)[number];

/** Hears how far a figure has come. */
export type Progress = (steps: readonly StepRecord[], now: number) => void;

/** Milliseconds between two moments at which only the clock has moved. */
const beat = 100;

/** Plays a figure on the chart and shows it at a speed. Resolves early, with the whole run, when stopped. */
export async function playOnChart(
  figure: Figure,
  speed: Speed,
  stop: AbortSignal,
  onProgress: Progress,
): Promise<FigureRun> {
  const run = playFigureOnChart(figure);
  const length = lengthOf(run);
  const start = performance.now();
  let shown = -1;
  let beats = -1;
  for (let time = 0; speed < Number.POSITIVE_INFINITY && time < length && !stop.aborted; ) {
    time = Math.min(length, (performance.now() - start) * speed);
    const steps = stepsUntil(run, time);
    const passed = Math.floor((performance.now() - start) / beat);
    if (steps.length !== shown || passed !== beats) onProgress(steps, time);
    shown = steps.length;
    beats = passed;
    if (time < length) await nextFrame();
  }
  if (!stop.aborted) onProgress(run.steps, length);
  return run;
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

export interface LiveOptions extends FigureClients {
  readonly address: string;
  /** The server's deadlines, where they are known. */
  readonly delays: SeatDelays | null;
  /** Watch a registered client until its registration deadline would have run out; needs the delays. */
  readonly thorough: boolean;
}

/**
 * Plays a figure against a live server.
 * @throws {NoServerError}
 */
export async function playLive(
  figure: Figure,
  { address, delays, thorough, valid, invalid }: LiveOptions,
  stop: AbortSignal,
  onProgress: Progress,
): Promise<FigureRun> {
  const connection = await connectTo(address);
  const hangUp = () => connection.close();
  stop.addEventListener('abort', hangUp);
  if (stop.aborted) hangUp();
  const steps: StepRecord[] = [];
  try {
    return await playFigureLive(figure, connection, address, {
      valid,
      invalid,
      rejectionTimeout: delays?.rejectionTimeout,
      ...(thorough && delays && { registrationTimeout: delays.registrationTimeout }),
      onStep(step) {
        steps.push(step);
        if (!stop.aborted) onProgress([...steps], step.elapsed);
      },
    });
  } finally {
    stop.removeEventListener('abort', hangUp);
    hangUp();
  }
}
