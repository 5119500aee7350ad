import { exitCodes } from '../adapters/cli/exit-codes.js';
import {
  flagOf,
  type OptionGroup,
  type OptionRow,
  optionGroups,
  serveKeys,
  serveOptions,
  variableOf,
} from '../adapters/config/index.js';
import { checks, runningChecks } from '../adapters/doctor/index.js';
import {
  errorTable,
  registrationEdges,
  registrationMachine,
  stateNodesOf,
} from '../machines/index.js';
import { withDrawings } from './readme-blocks.js';

/** A page with its generated parts up to date. */
export type Generated = (text: string) => string;

/** The pages whose parts are generated from the code alone. */
export const generatedPages: Readonly<Record<string, Generated>> = {
  'docs/chart.md': (text) =>
    withTables(withDrawings(text), new Map([['states', statesText()]]), 'docs/chart.md'),
  'docs/options.md': (text) =>
    withTables(text, new Map([['options', optionsTable()]]), 'docs/options.md'),
  'docs/operate.md': (text) =>
    withTables(
      text,
      new Map([
        ['checks', checksTable(checks)],
        ['running-checks', checksTable(runningChecks)],
      ]),
      'docs/operate.md',
    ),
  'docs/errors.md': (text) =>
    withTables(
      text,
      new Map([
        ['exit-codes', exitCodesTable()],
        ['wire-errors', wireErrorsTable()],
      ]),
      'docs/errors.md',
    ),
};

/**
 * A page with every table generated, between `<!-- options -->` and `<!-- /options -->` and so on.
 * @param named the tables by the name of their markers
 */
export function withTables(page: string, named: ReadonlyMap<string, string>, file: string): string {
  let text = page;
  for (const [name, table] of named) {
    const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    if (!place.test(text)) throw new Error(`${file} has no place <!-- ${name} -->`);
    text = text.replace(place, (_all, open, close) => `${open}\n${table}\n${close}`);
  }
  return text;
}

/** A table for each heading of the help that has options. */
function optionsTable(): string {
  const groups = optionGroups.filter((group) =>
    serveKeys.some((key) => serveOptions[key].group === group),
  );
  return groups.map((group) => `**${group}**\n\n${groupTable(group)}`).join('\n');
}

function groupTable(group: OptionGroup): string {
  const keys = serveKeys.filter((key) => serveOptions[key].group === group);
  const rows = keys.map((key) => {
    const row: OptionRow = serveOptions[key];
    const { default: byDefault, otherwise, argument, allowed, description } = row;
    const without =
      // The help begins with "without it" or "default"; here the column's heading does.
      otherwise?.replace(/^(without it|default) /, '') ??
      (byDefault === null ? '' : [byDefault].flat().map(code).join(' and '));
    return [
      code(argument ? `${flagOf(key)} ${argument}` : flagOf(key)),
      code(key),
      code(variableOf(key)),
      without,
      allowed ? `${description} (${allowed})` : description,
    ];
  });
  return table(['flag', 'in the file', 'variable', 'without it', 'what it says'], rows);
}

function checksTable(all: readonly { id: string; description: string }[]): string {
  const rows = all.map(({ id, description }) => [code(id), description]);
  return table(['check', 'what it looks at'], rows);
}

function exitCodesTable(): string {
  const rows = Object.values(exitCodes).map(({ code: number, meaning }) => [`${number}`, meaning]);
  return table(['exit code', 'meaning'], rows);
}

function wireErrorsTable(): string {
  const rows = Object.entries(errorTable).map(([name, { number, isTransient, description }]) => [
    `${number}`,
    name,
    isTransient ? 'yes' : 'no',
    description,
  ]);
  return table(['number', 'name', 'transient', 'meaning'], rows);
}

/** Every state of the chart with its transitions. */
function statesText(): string {
  const nodes = stateNodesOf(registrationMachine.root);
  const nameOf = (id: string) => id.replace(/^registration\.?/, '') || 'registration';
  return nodes
    .map(({ id, description = '' }) => {
      const rows = registrationEdges
        .filter((edge) => edge.source === id)
        .map((edge) => [
          edge.timer ? `${code(edge.event)} expires` : code(edge.event),
          edge.stays ? 'stays' : code(nameOf(edge.target)),
          edge.figures.join(', '),
          edge.description,
        ]);
      const head = ['event', 'to', 'figure', 'meaning'];
      const edges = rows.length === 0 ? '' : `\n${table(head, rows)}`;
      return `### \`${nameOf(id)}\`\n\n${description}\n${edges}`;
    })
    .join('\n');
}

/** A Markdown table; every row has as many cells as the header. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

export function code(value: unknown): string {
  return `\`${String(value)}\``;
}
