import type { Difference } from '../../engine/learning/differences.js';
import type { LearnedFile } from '../../engine/learning/learned-file.js';
import { silence } from '../../engine/learning/timed-machine.js';
import { suiteText } from '../../engine/testgen/suite-file.js';
import { caseOf } from '../../engine/testgen/suite-of.js';
import { type ServerInput, serverInputNames } from '../sut/inputs.js';
import { ServerModel } from '../sut/server-model.js';
import type { Suite } from '../sut/suites.js';

/**
 * A session as the text of a suite, for `ixgate conform --suite`.
 * @param kind of the difference that the session shows; null for none. A clock shows only after a pause, so the case waits
 * before the last input and after it.
 * @returns null for a session that a suite cannot have: of another protocol
 */
export function witnessSuite(
  { protocol, expected }: Pick<LearnedFile, 'protocol' | 'expected'>,
  witness: readonly string[],
  kind: Difference['kind'] | null,
): string | null {
  if (protocol !== 'registration' || !witness.every(isServerInput)) return null;
  const isFree = expected?.states.some(({ edges }) =>
    Object.values(edges).some((edge) => edge.isFree),
  );
  const model = new ServerModel({ answers: isFree ? 'any' : 'ack' });
  const inputs = kind === 'clock' ? withPauses(witness) : witness;
  const suite: Suite = {
    ...{ suite: 1, criterion: 'states', seed: null, inputs: serverInputNames, cases: 1 },
    guarantee: 'plays one session that was learned, and guarantees nothing more',
    ...model.settings,
    steps: inputs.length,
    [Symbol.iterator]: () => [caseOf(model, inputs)][Symbol.iterator](),
  };
  return [...suiteText(suite)].join('');
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
