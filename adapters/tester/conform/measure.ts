import type { ObservedArrow } from '../../../machines/registration/figures/observed.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { type ServerConnection, withServerConnection } from '../server-connection.js';
import type { FigureTarget } from '../target.js';
import type { PlayCaseOptions } from './options.js';
import type { SeenArrow } from './result.js';
import { messageFor } from './test-frames.js';
import { TesterSession } from './tester-session.js';

export interface MeasureOptions extends PlayCaseOptions {
  /** Maximum wait for each disconnect, in milliseconds. @default 60000 */
  readonly measureFor?: number | undefined;
  /** Called with the number of timeouts that are measured: 0, 1 or 2. */
  readonly onMeasured?: ((done: number) => void) | undefined;
}

/** One timeout, measured. */
export interface MeasuredTimeout {
  /** Milliseconds; null when the server did not disconnect in time, or did not start the deadline. */
  readonly milliseconds: number | null;
  /** How long the tester waited for the disconnect; null when the server did not answer, so that the deadline did not start. */
  readonly watched: number | null;
  readonly seen: readonly SeenArrow[];
  readonly steps: readonly StepRecord[];
}

export interface MeasuredTimeouts {
  readonly registration: MeasuredTimeout;
  readonly rejection: MeasuredTimeout;
}

/**
 * Measures both timeouts of a server at once: one client sends nothing, another sends a message before it registers.
 * @throws {NotReachableError}; the signal's reason when it aborts.
 */
export async function measureTimeouts(
  target: FigureTarget,
  options: MeasureOptions = {},
): Promise<MeasuredTimeouts> {
  let done = 0;
  const measured = async (sendsFirst: boolean) => {
    const result = await withServerConnection(target, options, (connection) =>
      measure(connection, options, sendsFirst),
    );
    done += 1;
    options.onMeasured?.(done);
    return result;
  };
  options.onMeasured?.(done);
  const [registration, rejection] = await Promise.all([measured(false), measured(true)]);
  return { registration, rejection };
}

async function measure(
  connection: ServerConnection,
  { responseTimeout = 2_000, measureFor = 60_000, signal }: MeasureOptions,
  sendsFirst: boolean,
): Promise<MeasuredTimeout> {
  const session = new TesterSession(sendsFirst ? 'rejection timeout' : 'registration timeout');
  const seen: SeenArrow[] = [];
  const note = (arrow: ObservedArrow, step: number | null) => {
    // The rest of a flood is not kept.
    if (seen.length < 100) seen.push({ ...arrow, step });
    session.note(arrow);
  };
  note(connection.send('connect'), null);
  if (sendsFirst) note(connection.send('message', messageFor('other', 1)), 0);
  let since: number | null = sendsFirst ? null : 0;
  let milliseconds: number | null = null;
  for (;;) {
    const end = since === null ? responseTimeout : since + measureFor;
    const arrow = await connection.next(end - connection.elapsed);
    signal?.throwIfAborted();
    if (!arrow) {
      if (connection.elapsed < end - 1) continue;
      break;
    }
    note(arrow, sendsFirst ? 1 : 0);
    if (arrow.kind === 'disconnect') {
      if (since !== null) milliseconds = arrow.at - since;
      break;
    }
    if (arrow.kind === 'fault') break;
    if (since === null && arrow.message?.messageName === 'EventError') since = arrow.at;
  }
  const watched = since === null ? null : connection.elapsed - since;
  session.end();
  return { milliseconds, watched, seen, steps: session.steps };
}
