import type { DescribedCommand, Values } from '../described.js';
import { pathCases } from './path-cases.js';

/** The completion script for fish. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  return `# Completion of ixgate for fish, made by: ixgate completion fish
function __ixgate_at
    set -l command ''
    for word in (commandline -opc)[2..]
        switch "$command/$word"
${pathCases(commands, (pattern, path) => `            case '${pattern}'\n                set command '${path}'`)}
        end
    end
    test "$command" = "$argv[1]"
end

complete -c ixgate -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, options, commands, arguments: given }: DescribedCommand): string[] {
  const at = path.join(' ');
  const start = `complete -c ixgate -n ${quoted(`__ixgate_at ${quoted(at)}`)}`;
  const below = commands.map(
    ({ name, description }) => `${start} -a ${name} -d ${quoted(description)}`,
  );
  const flags = options.map(({ flag, short, values, description, isOptional }) => {
    const letter = short === null ? '' : ` -s ${short.slice(1)}`;
    const value = values === null || isOptional ? '' : ` ${valueFlags(values)}`;
    return `${start} -l ${flag.slice(2)}${letter}${value} -d ${quoted(description)}`;
  });
  const last = given.at(-1)?.values;
  const words = last === undefined || last === 'text' ? [] : [`${start} ${argumentOf(last)}`];
  return [...below, ...flags, ...words];
}

/** The value of an option. */
function valueFlags(values: Values): string {
  if (values === 'text') return '-x';
  return `${values === 'file' ? '-r' : '-x'} ${argumentOf(values)}`;
}

function argumentOf(values: Exclude<Values, 'text'>): string {
  if (values === 'file') return '-F';
  return values === 'folder'
    ? `-a '(__fish_complete_directories)'`
    : `-a ${quoted(values.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
