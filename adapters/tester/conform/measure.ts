import type { ObservedArrow, StepRecord } from '../../../machines/index.js';
import { type Overheard, overhear } from '../overheard.js';
import type { FigureTarget } from '../target.js';
import type { PlayCaseOptions } from './options.js';
import type { SeenArrow } from './result.js';
import { messageFor } from './said.js';
import { TesterSession } from './tester-session.js';

export interface MeasureOptions extends PlayCaseOptions {
  /** How long to wait for each disconnect, in milliseconds. @default 60000 */
  readonly longest?: number | undefined;
  /** Hears how many of the two are measured. */
  readonly onMeasured?: ((done: number) => void) | undefined;
}

/** One timeout, measured. */
export interface MeasuredTimeout {
  /** Milliseconds; null when the server did not disconnect in time, or did not begin it. */
  readonly milliseconds: number | null;
  /** How long was waited for the disconnect; null when the server never answered, and so the deadline never began. */
  readonly watched: number | null;
  readonly seen: readonly SeenArrow[];
  readonly steps: readonly StepRecord[];
}

export interface MeasuredTimeouts {
  readonly registration: MeasuredTimeout;
  readonly rejection: MeasuredTimeout;
}

/**
 * Measures the two timeouts of a server, both at once: one client says nothing, another says a message before it has registered.
 * @throws {NotReachableError}; the signal's reason when it is aborted.
 */
export async function measureTimeouts(
  target: FigureTarget,
  options: MeasureOptions = {},
): Promise<MeasuredTimeouts> {
  let done = 0;
  const measured = async (asks: boolean) => {
    const result = await measure(target, options, asks);
    done += 1;
    options.onMeasured?.(done);
    return result;
  };
  options.onMeasured?.(done);
  const [registration, rejection] = await Promise.all([measured(false), measured(true)]);
  return { registration, rejection };
}

function measure(
  target: FigureTarget,
  options: MeasureOptions,
  asks: boolean,
): Promise<MeasuredTimeout> {
  return overhear(target, options, (heard) => watch(heard, options, asks));
}

async function watch(
  heard: Overheard,
  { patience = 2_000, longest = 60_000, signal }: MeasureOptions,
  asks: boolean,
): Promise<MeasuredTimeout> {
  const session = new TesterSession(asks ? 'rejection timeout' : 'registration timeout');
  const seen: SeenArrow[] = [];
  const note = (arrow: ObservedArrow, step: number | null) => {
    // What an unasked flood says is not kept.
    if (seen.length < 100) seen.push({ ...arrow, step });
    session.note(arrow);
  };
  note(heard.said('connect'), null);
  if (asks) note(heard.said('message', messageFor('other', 1)), 0);
  let since: number | null = asks ? null : 0;
  let milliseconds: number | null = null;
  for (;;) {
    const end = since === null ? patience : since + longest;
    const arrow = await heard.next(end - heard.elapsed);
    signal?.throwIfAborted();
    if (!arrow) {
      if (heard.elapsed < end - 1) continue;
      break;
    }
    note(arrow, asks ? 1 : 0);
    if (arrow.kind === 'disconnect') {
      if (since !== null) milliseconds = arrow.at - since;
      break;
    }
    if (arrow.kind === 'fault') break;
    if (since === null && arrow.message?.messageName === 'EventError') since = arrow.at;
  }
  const watched = since === null ? null : heard.elapsed - since;
  session.end();
  return { milliseconds, watched, seen, steps: session.steps };
}
