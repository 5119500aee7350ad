import type { Endpoint } from '../../../adapters/net/transports/index.js';
import {
  type ClientConformance,
  type ConformClientOptions,
  conformClient,
  type PathRun,
  renderPathLadder,
} from '../../../adapters/tester/index.js';

/** Deadlines that are short, and different enough to distinguish. */
export const short = {
  registrationTimeout: 700,
  rejectionTimeout: 300,
  settle: 150,
  pause: 60,
  late: 200,
  connectTimeout: 5_000,
} as const;

/** Judges the client that `client` starts with the endpoint; the returned function ends it. */
export async function judged(
  client: (endpoint: Endpoint, ca: string | null) => () => unknown,
  options: Partial<ConformClientOptions> = {},
): Promise<ClientConformance> {
  let stop: () => unknown = () => {};
  try {
    return await conformClient({
      listen: 'tcp://127.0.0.1:0',
      ...short,
      ...options,
      onListening: (endpoint, ca) => {
        stop = client(endpoint, ca);
        options.onListening?.(endpoint, ca);
      },
    });
  } finally {
    await stop();
  }
}

/** The violations as `path requirement`, with ladders for the message of a failed test. */
export function problems({ paths, requirements }: ClientConformance): string[] {
  const wrong = paths.flatMap((run) => {
    const found = run.violations.map(
      ({ requirement, sentence }) =>
        `${run.path.id} ${requirement}: ${sentence}\n${renderPathLadder(run)}`,
    );
    return run.verdict === 'inconclusive' ? [`${run.path.id}: ${run.ending}`] : found;
  });
  const missed = requirements.filter(({ verdict }) => verdict === 'inconclusive');
  return [...wrong, ...missed.map(({ requirement }) => `${requirement.id} was inconclusive`)];
}

export const idsOf = (paths: readonly PathRun[]) => paths.map(({ path }) => path.id);
