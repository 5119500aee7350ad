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

/** The generated tables by the name of their markers: `options` and `exit-codes`. */
export function tables(): ReadonlyMap<string, string> {
  return new Map([
    ['options', optionsTable()],
    ['exit-codes', exitCodesTable()],
  ]);
}

/**
 * A page with every table as it must be now, between `<!-- options -->` and `<!-- /options -->` and so on.
 * @param named the tables by the name of their markers. @default those of README
 */
export function withTables(page: string, named = tables(), file = 'README.md'): string {
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
    const { fallback, otherwise, argument, allowed, about } = row;
    const without =
      // The help begins with "without it" or "default"; here the column's head says it.
      otherwise?.replace(/^(without it|default) /, '') ??
      (fallback === null ? '' : [fallback].flat().map(code).join(' and '));
    return [
      code(argument ? `${flagOf(key)} ${argument}` : flagOf(key)),
      code(key),
      code(variableOf(key)),
      without,
      allowed ? `${about} (${allowed})` : about,
    ];
  });
  return table(['flag', 'in the file', 'variable', 'without it', 'what it says'], rows);
}

function exitCodesTable(): string {
  const rows = Object.values(exitCodes).map(({ code: number, meaning }) => [`${number}`, meaning]);
  return table(['exit code', 'meaning'], rows);
}

/** A Markdown table; every row has as many cells as the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

export function code(value: unknown): string {
  return `\`${String(value)}\``;
}
