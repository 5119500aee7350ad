import type { Difference } from '../../engine/learning/differences.js';
import type { LearnedFile } from '../../engine/learning/learned-file.js';
import { silence } from '../../engine/learning/timed-machine.js';
import { suiteText } from '../../engine/testgen/suite-file.js';
import { caseOf } from '../../engine/testgen/suite-of.js';
import { type ServerInput, serverInputNames } from '../sut/inputs.js';
import { ServerModel } from '../sut/server-model.js';
import { type Case, suiteWith } from '../sut/suites.js';

/** A session with the kind of the difference that it shows; null for none. */
export interface Witness {
  readonly witness: readonly string[];
  readonly kind: Difference['kind'] | null;
}

type Learned = Pick<LearnedFile, 'protocol' | 'expected'>;

/**
 * Sessions as cases of a suite. A clock shows only after a pause, so its case waits before the last input and after it.
 * @returns each case once; none for another protocol
 */
export function witnessCases(learned: Learned, sessions: readonly Witness[]): Case[] {
  if (learned.protocol !== 'registration') return [];
  const model = modelOf(learned);
  const played = sessions.flatMap(({ witness, kind }) => {
    if (!witness.every(isServerInput)) return [];
    return [caseOf(model, kind === 'clock' ? withPauses(witness) : witness)];
  });
  return [...new Map(played.map((one) => [one.id, one])).values()];
}

/**
 * Sessions as the text of a suite, for `ixgate conform --suite`.
 * @returns null when no session can be in a suite, e.g. those of another protocol
 */
export function witnessSuite(learned: Learned, sessions: readonly Witness[]): string | null {
  const cases = witnessCases(learned, sessions);
  if (cases.length === 0) return null;
  const suite = suiteWith(cases, {
    ...{ criterion: 'states', seed: null, inputs: serverInputNames },
    guarantee: 'plays sessions that were learned, and guarantees nothing more',
    ...modelOf(learned).settings,
  });
  return [...suiteText(suite)].join('');
}

function modelOf({ expected }: Learned): ServerModel {
  const edges = expected?.states.flatMap((state) => Object.values(state.edges)) ?? [];
  return new ServerModel({ answers: edges.some(({ isFree }) => isFree) ? 'any' : 'ack' });
}

/** A session with a pause before its last message and silence behind it. */
function withPauses(witness: readonly ServerInput[]): ServerInput[] {
  const last = witness.findLastIndex((input) => input !== silence);
  const [before, message] = [witness.slice(0, last), witness.slice(last, last + 1)];
  return [...before, 'wait', ...message, silence];
}

function isServerInput(input: string): input is ServerInput {
  return (serverInputNames as readonly string[]).includes(input);
}
