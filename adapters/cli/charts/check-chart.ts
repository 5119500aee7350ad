/** `ixgate check --machine`: properties of any chart. */
import {
  type ChartCounterexample,
  type ChartProperties,
  type CheckedChart,
  checkModel,
  type PropertyVerdict,
} from '../../../machines/engine/model/index.js';
import type { GuardResults } from '../../../machines/engine/table/index.js';
import { formatRow, widestOf } from '../../runtime/text-table.js';
import type { CommandContext } from '../context.js';
import { asUsageError, exitCodes, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import { asChartError, type LoadedModel, type ModelFlags, modelFrom } from './model-options.js';

export interface CheckChartFlags extends ModelFlags {
  readonly always?: readonly string[];
  readonly never?: readonly string[];
  readonly eventually?: readonly string[];
  readonly leadsTo?: readonly string[];
  readonly due?: readonly string[];
}

/** @returns the exit code. */
export async function checkChart(flags: CheckChartFlags, context: CommandContext): Promise<number> {
  const { output } = context;
  const loaded = await modelFrom(flags, context);
  const { model } = loaded;
  const checked = checkedChart(loaded, flags);
  const violated = checked.verdicts.filter(({ counterexample }) => counterexample !== null);
  const { notes, guards, timers } = model.table;
  const oneSided = guards.filter(({ wasTrue, wasFalse }) => !wasTrue || !wasFalse);
  output.tell(
    [
      `${output.paint.bold(model.chart.id)}: ${counted(checked.states, 'state')}, ${counted(checked.transitions, 'transition')}, ${counted(timers.length, 'timer')}`,
      '',
      ...checked.verdicts.map((verdict) => verdictText(verdict, checked, output)),
      '',
      ...notes.map(({ text }) => `note: ${text}`),
      ...oneSided.map((guard) => `note: ${guardText(guard)}`),
      ...(notes.length + oneSided.length > 0 ? [''] : []),
      summary(checked.verdicts.length, violated.length, output),
    ].join('\n'),
    { machine: model.chart.id, ...checked, timers: timers.length, notes, guards },
  );
  return violated.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}

function checkedChart({ model, options }: LoadedModel, flags: CheckChartFlags): CheckedChart {
  const properties: ChartProperties = {
    always: { ...options.always, ...named(flags.always) },
    never: { ...options.never, ...named(flags.never) },
    eventually: { ...options.eventually, ...named(flags.eventually) },
    leadsTo: { ...options.leadsTo, ...pairs(flags.leadsTo) },
    due: [...(options.due ?? []), ...(flags.due ?? [])],
  };
  return asUsageError(() => asChartError(() => checkModel(model, properties)));
}

const named = (states: readonly string[] = []) =>
  Object.fromEntries(states.map((state) => [state, state]));

function pairs(texts: readonly string[] = []): Record<string, readonly [string, string]> {
  return Object.fromEntries(
    texts.map((text) => {
      const [first = '', second = '', ...others] = text.split(',').map((part) => part.trim());
      if (first !== '' && second !== '' && others.length === 0) return [text, [first, second]];
      throw new UsageError(
        `--leads-to is ${JSON.stringify(text)}; expected two states or tags with a comma, e.g. loading,ready`,
      );
    }),
  );
}

function verdictText(
  { kind, name, counterexample }: PropertyVerdict,
  { verdicts }: CheckedChart,
  { paint }: Output,
): string {
  const width = widestOf(verdicts.map((one) => one.kind));
  const line = (verdict: string) =>
    formatRow([verdict, paint.bold(kind), name], [{ width: 8 }, { width }]);
  if (!counterexample) return line(paint.green('holds'));
  return `${line(paint.red('VIOLATED'))}\n${counterexampleText(counterexample)}`;
}

function counterexampleText({ from, steps, forEver }: ChartCounterexample): string {
  const inputs = [...steps, ...(forEver ?? [])].map(({ input }) => input);
  const columns = [{ width: 4 }, { width: widestOf(['start', ...inputs]) }];
  const line = ({ input, to, actions }: (typeof steps)[number]) =>
    formatRow(
      ['', input, `-> ${to}${actions.length > 0 ? `   ${actions.join(', ')}` : ''}`],
      columns,
    );
  const goesOn =
    forEver === null
      ? []
      : forEver.length === 0
        ? ['    and then nothing has to happen any more']
        : ['    and then for ever:', ...forEver.map(line)];
  return [formatRow(['', 'start', `-> ${from}`], columns), ...steps.map(line), ...goesOn].join(
    '\n',
  );
}

function guardText({ guard, transition, wasTrue, wasFalse }: GuardResults): string {
  if (!wasTrue && !wasFalse) return `the guard ${guard} of ${transition} was never asked`;
  const missing = wasTrue ? 'false' : 'true';
  return `the guard ${guard} of ${transition} was never ${missing}; perhaps an event needs other data (--events FILE)`;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

function summary(all: number, violated: number, { paint }: Output): string {
  const text = `${all - violated} of ${all} properties hold`;
  return violated === 0 ? paint.green(text) : paint.red(text);
}
