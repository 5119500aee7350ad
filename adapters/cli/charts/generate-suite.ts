/** `ixgate generate --machine`: suites of any chart. */
import { relative, resolve, sep } from 'node:path';
import { type ChartSources, chartWords } from '../../../machines/engine/model/index.js';
import {
  type Criterion,
  estimateSuite,
  suiteFiles,
  suiteOf,
} from '../../../machines/engine/testgen/index.js';
import type { CommandContext } from '../context.js';
import { exitCodes, InterruptedError, UsageError } from '../exit-codes.js';
import { Interrupts } from '../interrupts.js';
import { progressOf } from '../testing/progress.js';
import { watchedSuite } from '../testing/watched-suite.js';
import { writeSuiteFiles } from '../testing/write-suites.js';
import {
  asChartError,
  type LoadedModel,
  type ModelFlags,
  modelFrom,
  optionsExport,
} from './model-options.js';

export type ChartSuiteFormat = 'json' | 'vitest' | 'playwright' | 'gherkin';

/** The criterion of charts, unless another is given. */
export const chartCriterion: Criterion = 'transitions';

const usualMaxCases = 100_000;

/** A test that fails early hides what follows, so cases of charts are short. */
const usualMaxLength = 20;

export interface GenerateChartFlags extends ModelFlags {
  readonly criterion: Criterion;
  readonly format: ChartSuiteFormat;
  readonly out: string;
  readonly seed?: number;
  readonly system?: string;
  readonly maxCases?: number;
  readonly maxLength?: number;
}

/** @returns the exit code. */
export async function generateChartSuite(
  flags: GenerateChartFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const {
    criterion,
    format,
    out,
    seed,
    maxCases = usualMaxCases,
    maxLength = usualMaxLength,
  } = flags;
  if (format === 'playwright' && flags.system === undefined) {
    throw new UsageError(
      '--format playwright needs --system FILE: a module whose default export (page, model) => system drives your page',
    );
  }
  const loaded = await modelFrom(flags, context);
  const { model } = loaded;
  const estimate = asChartError(() => estimateSuite(model, criterion));
  if (estimate.cases > maxCases) {
    throw new UsageError(
      `${criterion} of ${model.chart.id}: at most ${many(estimate.cases)} cases with ${many(estimate.inputs)} inputs, more than --max-cases ${many(maxCases)}. Take a weaker criterion, or raise --max-cases`,
    );
  }
  if (!output.json && output.io.stderr.isTTY) {
    output.io.stderr.write(`at most ${many(estimate.cases)} cases\n`);
  }
  const suite = suiteOf(model, criterion, { maxLength, ...(seed !== undefined && { seed }) });
  const words = chartWords(
    model,
    sourcesOf(loaded, flags),
    format === 'playwright' ? 'playwright' : 'vitest',
  );
  const interrupt = new AbortController();
  using _interrupts = new Interrupts(output.io, exitCodes.interrupted.code, (signal) =>
    interrupt.abort(new InterruptedError(signal)),
  );
  const progress = progressOf('cases', output.io.stderr);
  let files: string[];
  try {
    const watched = watchedSuite(suite, (done) => progress.at(done, suite.cases));
    const named = renamed(
      suiteFiles(watched, format === 'playwright' ? 'vitest' : format, words),
      loaded.loaded.name,
      format,
    );
    files = await writeSuiteFiles(out, named, interrupt.signal);
  } finally {
    progress.end();
  }
  const { guarantee, cases, steps } = suite;
  output.tell(
    [
      `${criterion}: ${many(cases)} ${cases === 1 ? 'case' : 'cases'} with ${many(steps)} inputs, written to ${files.join(', ')}`,
      `This suite ${guarantee}.`,
    ].join('\n'),
    {
      machine: model.chart.id,
      ...{ criterion, guarantee, seed: suite.seed, format, cases, steps, estimate, files },
    },
  );
  return exitCodes.ok.code;
}

/** The file names begin with the name of the machine. */
function* renamed<File extends { readonly name: string }>(
  files: Iterable<File>,
  machine: string,
  format: ChartSuiteFormat,
): Generator<File> {
  for (const file of files) {
    const name = format === 'playwright' ? file.name.replace('.test.ts', '.spec.ts') : file.name;
    yield { ...file, name: `${machine}.${name}` };
  }
}

function sourcesOf(
  { loaded, flags: modelOptions }: LoadedModel,
  flags: GenerateChartFlags,
): ChartSources {
  const from = (file: string) => importPath(resolve(flags.out), file);
  const { machine, input, outputs, events, enabledOnly, system, maxLength } = flags;
  const given = {
    '--machine': machine,
    '--input': input === undefined ? undefined : JSON.stringify(input),
    '--outputs': outputs?.join(','),
    '--events': events,
    '--system': system,
    '--max-length': maxLength,
  };
  const command = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name} ${quoted(String(value))}`)
    .join('')
    .concat(enabledOnly ? ' --enabled-only' : '');
  const hasOptions = optionsExport in loaded.exports;
  return {
    command,
    machine: { from: from(loaded.file), name: exportName(loaded) },
    optionsName: hasOptions ? optionsExport : null,
    flags: { ...modelOptions },
    system: system === undefined ? null : from(resolve(system)),
  };
}

function quoted(text: string): string {
  return /^[\w./#,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The name of the machine's export; `loaded.name` is that of the file for a default export. */
function exportName({ exports, machine, name }: LoadedModel['loaded']): string {
  return exports[name] === machine ? name : 'default';
}

/** A relative import of a file; TypeScript sources are imported by the names of their results. */
function importPath(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join('/');
  const compiled = path.replace(/\.(m|c)?tsx?$/, (_, kind = '') => `.${kind}js`);
  return compiled.startsWith('.') ? compiled : `./${compiled}`;
}

function many(count: number): string {
  return count.toLocaleString('en-US');
}
