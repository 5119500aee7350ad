/** Plays the inputs of an experiment on an open connection. */
import { closedOutput, silence } from '../../../machines/engine/learning/timed-machine.js';
import type { Play, PlayedStep, WordStep } from '../../../machines/engine/learning/timed-system.js';
import type { WireConnection } from './wire-connection.js';

/** Milliseconds. */
export interface PlayTimes {
  /** Maximum wait for an output that is unknown. */
  readonly patience: number;
  /** Maximum wait for an output that is known. */
  readonly knownPatience: number;
  readonly settle: number;
  readonly horizon: number;
}

/**
 * @param onAnswer called with the milliseconds until the first output of an input, unless it is the end of the connection.
 * @throws {MapperError}; the reason of an abort
 */
export async function playWord(
  connection: WireConnection,
  word: readonly WordStep[],
  times: PlayTimes,
  onAnswer: (time: number) => void,
): Promise<Play> {
  const steps: PlayedStep[] = [];
  let stalled = 0;
  /** The longest stall between an input, which may start a clock, and its answer. */
  let inputStall = 0;
  /** The end of the latest silence: no clock runs from before it. */
  let silentUntil = 0;
  const taken = (input: string, at: number) => {
    if (input === silence && connection.firstAt !== null) {
      stalled = Math.max(stalled, inputStall, connection.firstStall);
    }
    const output = connection.take();
    steps.push({ input, output, at, isClosed: connection.isClosed });
  };
  for (const { input, pause, expected } of word) {
    if (pause > 0) {
      await connection.until(connection.elapsed + pause, () => connection.firstAt !== null);
    }
    if (connection.firstAt !== null) {
      const at = connection.firstAt;
      await connection.settle(times.settle);
      taken(silence, at);
      break;
    }
    const from = connection.elapsed;
    if (input !== silence) connection.send(input);
    const patience = expected === null ? times.patience : times.knownPatience;
    const limit = input === silence ? times.horizon : patience;
    if (expected !== '') await collect(connection, from + limit, expected, times.settle);
    const { firstAt, seen } = connection;
    if (input === silence) {
      taken(silence, firstAt ?? connection.elapsed);
      inputStall = 0;
      silentUntil = connection.elapsed;
    } else {
      // Perhaps the input came too late, and a word of the output belongs to a timeout.
      if (seen.includes(' ') || connection.isClosed) {
        stalled = Math.max(stalled, connection.stallSince(silentUntil));
      }
      inputStall = Math.max(inputStall, connection.stallSince(from));
      if (firstAt !== null && seen !== closedOutput) onAnswer(firstAt - from);
      taken(input, from);
    }
    if (connection.isClosed) break;
  }
  return { steps, stalled };
}

/** Waits for the output of an input: until it is the expected one, or until no more comes. */
async function collect(
  connection: WireConnection,
  moment: number,
  expected: string | null,
  settle: number,
): Promise<void> {
  const isDecided = () =>
    expected === null
      ? connection.seen !== ''
      : connection.seen === expected || !expected.startsWith(connection.seen);
  await connection.fairUntil(moment, isDecided);
  if (connection.seen !== '' && connection.seen !== expected) await connection.settle(settle);
}
