/** `ixgate learn --from`: a machine from recordings and logs. */
import { machineText } from '../../../machines/engine/learning/formats.js';
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { PassiveLearner, type PassiveResult } from '../../../machines/engine/learning/passive.js';
import type { TimedMachine } from '../../../machines/engine/learning/timed-machine.js';
import { toleranceOf } from '../../../machines/engine/learning/timing.js';
import { expectedWith } from '../../../machines/registration/sut/expected.js';
import { learnedText } from '../../tester/learning/learned-files.js';
import { damageLines } from '../analyze/read-text.js';
import { Reading } from '../analyze/reading.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { writeResult } from '../testing/write-result.js';
import type { LearnFlags } from './learn-flags.js';
import { passiveText } from './passive-text.js';
import { readSessions } from './recorded-sessions.js';

/** @returns the exit code */
export async function learnFrom(
  paths: readonly string[],
  flags: LearnFlags,
  output: Output,
): Promise<number> {
  const { tolerance, format, out, registrationTimeout, rejectionTimeout } = flags;
  if (out !== undefined) await writeResult(out, '', 'a');
  const begun = performance.now();
  // Deadlines that are not stated are measured.
  const expected = expectedWith({ registrationTimeout, rejectionTimeout });
  const learner = new PassiveLearner(expected, { tolerance });
  const reading = await Reading.open(paths, { registrationTimeout, rejectionTimeout }, output.io);
  const recorded = await readSessions(reading, (session) => learner.add(session));
  if (learner.sessions === 0) {
    const leftOut = [...recorded.leftOut].map(([why, count]) => `${count} ${why}`);
    const those = leftOut.length === 0 ? '' : ` (left out: ${leftOut.join(', ')})`;
    throw new UsageError(`no session to learn from in ${paths.join(', ')}${those}`);
  }
  const result = learner.result();
  const file = fileOf(result, expected, { target: paths.join(', '), tolerance });
  const learned = { ...file, elapsed: Math.round(performance.now() - begun) };
  if (out !== undefined) await writeResult(out, learnedText(learned));
  const { read, leftOut, outside } = recorded;
  if (format !== undefined) output.io.stdout.write(machineText(result.machine, format));
  else {
    const text = passiveText(result, expected, recorded, output.paint);
    const written = out === undefined ? [] : ['', `written to ${out}`];
    output.tell([...damageLines(read), text, ...written].join('\n'), {
      ...result,
      leftOut: Object.fromEntries(leftOut),
      outside: Object.fromEntries(outside),
      damaged: read.damaged,
      ...(out !== undefined && { written: out }),
    });
  }
  return result.differences.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}

function fileOf(
  { machine, differences, lengths, unknown, edges, sessions }: PassiveResult,
  expected: TimedMachine,
  { target, tolerance }: { readonly target: string; readonly tolerance: number | undefined },
): Omit<LearnedFile, 'elapsed'> {
  const known = Object.values(lengths).filter((length) => length !== null);
  const unseen = edges.filter(({ count }) => count === 0);
  const notTaken = unseen.map(({ from, input }) => `No session has taken ${input} in ${from}.`);
  return {
    kind: 'ixgate-learned',
    version: 1,
    target,
    protocol: 'registration',
    machine,
    expected,
    tolerance: tolerance ?? toleranceOf(Math.min(...known, 500)),
    horizon: Math.max(0, ...known),
    guarantee: null,
    unknown: [...unknown, ...notTaken],
    differences: differences.map(
      ({ kind, expectedState, observedState, input, expected, observed, witness }) => ({
        kind,
        expectedState,
        observedState,
        input,
        expected,
        observed,
        witness,
      }),
    ),
    connections: sessions,
  };
}
