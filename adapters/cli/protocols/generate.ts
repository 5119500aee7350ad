import { resolve } from 'node:path';
import type { Criterion } from '../../../machines/engine/testgen/criteria.js';
import { type SuiteFormat, suiteFiles } from '../../../machines/engine/testgen/formats/index.js';
import { suiteOf } from '../../../machines/engine/testgen/suite-of.js';
import { isKnownProtocol } from '../../tester/protocols/index.js';
import type { CommandContext } from '../context.js';
import { exitCodes, InterruptedError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import { writeSuiteFiles } from '../testing/write-suites.js';
import { type ProtocolFlags, protocolFrom } from './protocol-options.js';

export interface GenerateFlags extends ProtocolFlags {
  readonly criterion: Criterion;
  readonly format: SuiteFormat;
  readonly out: string;
  readonly seed?: number;
}

/** `ixgate generate --protocol`. */
export async function generateForProtocol(
  flags: GenerateFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { criterion, format, out, seed } = flags;
  const { live, model, settings, source } = await protocolFrom(flags, context);
  const interrupt = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    interrupt.abort(new InterruptedError(signal)),
  );
  const suite = suiteOf(model, criterion, seed === undefined ? {} : { seed });
  const words = live.protocol.wordsFrom(isKnownProtocol(source) ? source : resolve(source));
  const files = await writeSuiteFiles(out, suiteFiles(suite, format, words), interrupt.signal);
  const { guarantee, cases, steps } = suite;
  const where =
    files.length === 1 ? `${files[0]}` : `${files.length} files, the first of them ${files[0]}`;
  output.tell(
    `${criterion}: ${cases} ${cases === 1 ? 'case' : 'cases'} with ${steps} inputs, written to ${where}\nThis suite ${guarantee}.`,
    { criterion, guarantee, seed: suite.seed, settings, format, cases, steps, files },
  );
  return exitCodes.ok.code;
}
