/** The sessions that show the differences of a learned server, played once more and recorded. */
import type { LearnedFile } from '../../../machines/engine/learning/learned-file.js';
import { stateAfter } from '../../../machines/engine/learning/timed-run.js';
import type { FigureClients } from '../../../machines/registration/figures/play.js';
import { witnessCases } from '../../../machines/registration/learning/witness-suite.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { ConnectOptions } from '../../net/transports/index.js';
import { recordedCases } from '../conform/kept-cases.js';
import { playCase } from '../conform/play-case.js';
import type { CaseResult } from '../conform/result.js';
import { endpointTarget } from '../target.js';

export interface RecordOptions {
  readonly tls?: ConnectOptions['tls'];
  readonly clients?: FigureClients | undefined;
}

/**
 * Plays the shortest session of each difference, one after the other.
 * @returns step records of sessions `difference-1`, `difference-2`, ...; none for other protocols than the registration
 * @throws {NotReachableError}
 */
export async function recordWitnesses(
  file: LearnedFile,
  { tls, clients }: RecordOptions = {},
): Promise<StepRecord[]> {
  const target = endpointTarget(file.target, tls);
  const lengthAfter = (...word: string[]) => stateAfter(file.machine, word).timeout?.length ?? null;
  const options = {
    ...clients,
    timeouts: {
      registrationTimeout: lengthAfter(),
      rejectionTimeout: lengthAfter('register-invalid'),
    },
  };
  const results: CaseResult[] = [];
  for (const one of witnessCases(file, file.differences)) {
    results.push(await playCase(one, target, options));
  }
  return recordedCases(results);
}
