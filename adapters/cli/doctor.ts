import type { Command } from 'commander';
import { visible } from '../../machines/text/format.js';
import { inspectConfig } from '../config/index.js';
import {
  type Diagnosis,
  diagnose,
  diagnoseRunning,
  type Severity,
  worstOf,
} from '../doctor/index.js';
import { version } from '../runtime/version.js';
import { againstDescription, againstFlags, gateAgainst } from './against.js';
import type { CommandContext } from './context.js';
import { exitCodeHelp, exitCodes } from './exit-codes.js';
import type { Output } from './output.js';
import { addServeOptions, configInput } from './serve-options.js';

const examples = `
Examples:
  ixgate doctor
  ixgate doctor --config gate.yaml --strict
  ixgate doctor --listen tls://0.0.0.0:7006 --tls-cert cert.pem --tls-key key.pem
  ixgate doctor --against
  ixgate doctor --against http://10.0.0.5:7080 --admin-token @token.txt
  sudo -u ixgate ixgate doctor --config /etc/ixgate/gate.yaml --json

The options are those of ixgate serve, read from the same flags, variables and file. Run it as the user of the gate, because
permissions and limits differ from user to user. It changes nothing. A finding is ok, warn or fail and has its fix. With a fail the
exit code is 6, with --strict also with a warn.

With --against it asks a running gate instead: its state, why connections and clients were refused, which limits were hit.

`;

interface DoctorFlags extends Record<string, unknown> {
  readonly strict?: boolean;
  readonly against?: string | true;
}

/** `ixgate doctor`: what a gate of this configuration would meet on this machine. */
export function addDoctor(command: Command, { output, outcome }: CommandContext): void {
  addServeOptions(command)
    .option('--strict', 'exit code 6 for warnings too')
    .option(againstFlags, `report of the ${againstDescription}`)
    .option('--json', 'write JSON: one object with all findings')
    .addHelpText('after', `${examples}${exitCodeHelp()}`)
    .action(async (given: DoctorFlags) => {
      const loaded = await inspectConfig(configInput(given, output));
      const found =
        given.against === undefined
          ? await diagnose(loaded)
          : await diagnoseRunning(gateAgainst(given.against, loaded));
      tell(found, loaded.file, output);
      const worst = worstOf(found);
      const isFailed = worst === 'fail' || (given.strict === true && worst === 'warn');
      outcome.code = isFailed ? exitCodes.failed.code : exitCodes.ok.code;
    });
}

const words: Readonly<Record<Severity, string>> = { ok: ' ok ', warn: 'warn', fail: 'fail' };

function tell(found: readonly Diagnosis[], file: string | null, output: Output): void {
  const { paint } = output;
  const colours = { ok: paint.green, warn: paint.yellow, fail: paint.red };
  const width = Math.max(...found.map(({ title }) => title.length));
  const lines = found.flatMap(({ severity, title, text, fix }) => {
    const mark = colours[severity](words[severity]);
    const line = `${mark}  ${title.padEnd(width)}  ${visible(text)}`;
    return fix === null ? [line] : [line, `${' '.repeat(width + 8)}${paint.dim(`fix: ${fix}`)}`];
  });
  const count = (wanted: Severity) => found.filter(({ severity }) => severity === wanted).length;
  const sum = `${count('ok')} ok, ${count('warn')} ${count('warn') === 1 ? 'warning' : 'warnings'}, ${count('fail')} failed`;
  output.tell([...lines, '', sum].join('\n'), {
    version: version(),
    node: process.version,
    file,
    verdict: worstOf(found),
    findings: found,
  });
}
