import type { Diagnosis, Severity } from '../../adapters/doctor/index.js';
import { type CommandOptions, ixgate } from '../cli/in-process.js';

/** The answer of `ixgate doctor --json`. */
export interface Diagnosed {
  readonly code: number;
  readonly verdict: Severity;
  readonly findings: readonly Diagnosis[];
  /** The findings of one check. */
  of(check: string): readonly Diagnosis[];
}

/** Runs `ixgate doctor`. Without addresses in `args` it checks free ports. */
export async function diagnosed(
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<Diagnosed> {
  const listen = args.includes('--listen') ? [] : ['--listen', 'tcp://127.0.0.1:0'];
  const admin = args.includes('--admin') ? [] : ['--admin', 'off'];
  const all = ['doctor', '--json', ...listen, ...admin, ...args];
  const { code, stdout, stderr } = await ixgate(all, options);
  if (stderr !== '') throw new Error(stderr);
  return diagnosedFrom(stdout, code ?? -1);
}

/** The findings in the output of a doctor. */
export function diagnosedFrom(stdout: string, code: number): Diagnosed {
  const { verdict, findings } = JSON.parse(stdout) as Pick<Diagnosed, 'verdict' | 'findings'>;
  return {
    code,
    verdict,
    findings,
    of: (check) => findings.filter((one) => one.check === check),
  };
}
