/** The suites of any chart in words, and the files that play them. */
import { quiescence } from '../mealy/mealy-machine.js';
import { outcomeOf } from '../table/chart-parts.js';
import type { SuiteRoles, SuiteWords } from '../testgen/formats/words.js';
import type { ChartModel, ChartSettings } from './model-of.js';
import { outputParts } from './observation.js';

/** How a generated test file reaches the machine, its options and the system under test. Paths are import specifiers. */
export interface ChartSources {
  /** The options of `ixgate generate` that make the same suite again, e.g. ` --machine light.ts`. */
  readonly command: string;
  readonly machine: { readonly from: string; readonly name: string };
  /** The export with the options of the model; null without one. */
  readonly optionsName: string | null;
  /** Options of the command line, as JSON. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The module whose default export is the system under test; null for an actor of the machine. */
  readonly system: string | null;
}

const roles: SuiteRoles = {
  client: 'chart',
  system: 'chart',
  session: 'session',
  begins: 'the chart starts',
  given: 'a chart that has just started',
  firstArrow: null,
};

export type TestRunner = 'vitest' | 'playwright';

/** @param runner the test runner of a generated test file. */
export function chartWords(
  model: ChartModel,
  sources: ChartSources,
  runner: TestRunner = 'vitest',
): SuiteWords<string, ChartSettings> {
  const { id } = model.chart;
  return {
    roles,
    title: `The chart ${id}`,
    system: id,
    clientDoes: (input) => `gets ${inputText(model, input)}`,
    serverDoes: (output) => (output === '' ? 'shows nothing' : `shows ${output}`),
    inputArrow: (input) => ({ label: inputText(model, input), isNote: input === quiescence }),
    parts: (output) => outputParts(output).map(({ text }) => text),
    outputArrow: (part) => ({ label: part, kind: part.startsWith('in ') ? 'note' : 'message' }),
    notes: ({ inputs, outputs, enabledOnly }) => [
      `The inputs: ${inputs.join(', ')}.`,
      `After each input the ${outputs.replace(/,(?=[^,]*$)/, ' and ').replaceAll(',', ', ')} of the chart are compared.`,
      ...(enabledOnly === 'yes' ? ['Inputs without a transition in a state are not given.'] : []),
    ],
    options: () => sources.command,
    vitest: ({ criterion }) => ({
      comment: commentFor(sources),
      code: programOf(id, criterion, sources, runner),
    }),
  };
}

function inputText(model: ChartModel, input: string): string {
  if (input === quiescence) return 'no event until the next timer expires';
  const event = model.events[input];
  const outcome = event && outcomeOf(event);
  if (!outcome) return input;
  if (!outcome.ends) return `a snapshot of the actor ${outcome.actor}`;
  const how = event.type.startsWith('xstate.error') ? 'fails' : 'is done';
  return `the news that the actor ${outcome.actor} ${how}`;
}

function commentFor({ system }: ChartSources): string[] {
  if (system === null) {
    return [
      'It plays the machine itself, as an actor with simulated time. To test something else, e.g. a page or a service, write a system',
      'under test (start, take, close) and generate the file with --system FILE.',
    ];
  }
  return [`The system under test is the default export of ${system}.`];
}

function programOf(
  id: string,
  criterion: string,
  { machine, optionsName, flags, system }: ChartSources,
  runner: TestRunner,
): string[] {
  const isPage = runner === 'playwright';
  const names = ['expectCase', 'modelOf', 'type SuiteCase'];
  if (system === null) names.unshift('actorSystem');
  const imported = [
    machine.name === 'default' ? 'default as machine' : `${machine.name} as machine`,
    ...(optionsName === null ? [] : [`${optionsName} as options`]),
  ];
  const settings = Object.keys(flags).length === 0 ? null : JSON.stringify(flags, null, 2);
  const own = optionsName === null ? settings : 'options';
  const options = settings && own === 'options' ? `{ ...options, ...${settings} }` : own;
  return [
    isPage
      ? "import { test as it } from '@playwright/test';"
      : "import { describe, it } from 'vitest';",
    `import { ${names.join(', ')} } from 'ixgate/model';`,
    `import { ${imported.join(', ')} } from '${machine.from}';`,
    ...(system === null ? [] : [`import ${isPage ? 'system' : 'tested'} from '${system}';`]),
    '',
    ...`const model = modelOf(machine${options === null ? '' : `, ${options}`});`.split('\n'),
    ...(system === null ? ['const system = actorSystem(model);'] : []),
    ...(system !== null && !isPage
      ? ["const system = typeof tested === 'function' ? tested(model) : tested;"]
      : []),
    '',
    isPage
      ? `const plays = (one: SuiteCase) => async ({ page }) => expectCase(one, system(page, model));`
      : `const plays = (one: SuiteCase) => () => expectCase(one, system);`,
    '',
    `${isPage ? 'it.describe' : 'describe'}(${JSON.stringify(`${id}: ${criterion}`)}, () => {`,
  ];
}
