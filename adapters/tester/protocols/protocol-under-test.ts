import type { SystemUnderTest } from '../../../machines/engine/playing/play-suite.js';
import type { Case } from '../../../machines/engine/testgen/suite.js';
import { duration } from '../../runtime/quantities.js';
import type { LiveSession } from './live-session.js';
import { loadProtocol } from './load-protocol.js';
import { type ProtocolRun, protocolRun, unplayable } from './protocol-run.js';

/** A case of any protocol. */
export type ProtocolCase = Case;

export interface ProtocolUnderTestOptions {
  /** @default the first value of each setting */
  readonly settings?: Readonly<Record<string, string>>;
  /** IXGATE_TARGET, the endpoint; IXGATE_TIMERS and IXGATE_VALUES, `name=value` with commas. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A live server for the generated tests of a protocol. */
export class ProtocolUnderTest implements SystemUnderTest {
  readonly #run: ProtocolRun;

  constructor(run: ProtocolRun) {
    this.#run = run;
  }

  start(): Promise<LiveSession> {
    return this.#run.server.start();
  }

  /** Why a case cannot be played: a value, or the length of a timer, is missing. Null when it can. */
  unplayable({ steps }: ProtocolCase): string | null {
    const inputs = steps.map(({ input }) => input);
    return unplayable(this.#run, inputs);
  }
}

/**
 * The live server at IXGATE_TARGET.
 * @param source a protocol of this package, or the path of a module with `protocol` and `wire`.
 * @throws {LoadError}; {RangeError} for an unknown setting, timer or value, and without IXGATE_TARGET.
 */
export async function protocolUnderTest(
  source: string,
  { settings, env }: ProtocolUnderTestOptions,
): Promise<ProtocolUnderTest> {
  const { IXGATE_TARGET: endpoint, IXGATE_TIMERS: timers, IXGATE_VALUES: values } = env;
  if (endpoint === undefined) {
    throw new RangeError(
      'IXGATE_TARGET is missing: set it to the endpoint of the server, e.g. tcp://127.0.0.1:1883',
    );
  }
  const live = await loadProtocol(source, process.cwd());
  const lengths = Object.entries(pairsOf(timers)).map(
    ([name, text]) => [name, duration(text, { min: '1ms', max: '24d' })] as const,
  );
  const choices = { settings, timers: Object.fromEntries(lengths), values: pairsOf(values) };
  return new ProtocolUnderTest(protocolRun(live, choices, { endpoint }));
}

function pairsOf(text = ''): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
