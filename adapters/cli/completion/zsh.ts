import type { DescribedCommand, DescribedOption, Values } from '../described.js';

/** The completion script for zsh. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  return `#compdef ixgate
# Completion of ixgate for zsh, made by: ixgate completion zsh
${commands.map(functionOf).join('\n')}
if [[ $funcstack[1] == _ixgate ]]; then
  _ixgate "$@"
else
  compdef _ixgate ixgate
fi
`;
}

function functionOf(command: DescribedCommand): string {
  const { path, options, commands } = command;
  const flags = options.map(optionSpec);
  if (commands.length === 0) {
    const words = command.arguments.map(({ name, values }, index) => {
      const place = name.includes('...') ? '*' : String(index + 1);
      return `${place}:${escaped(name)}:${actionOf(values)}`;
    });
    return `${nameOf(path)}() {\n  _arguments -s${lines([...flags, ...words])}\n}\n`;
  }
  const names = commands.map(({ name, description }) => `${name}:${description}`);
  return `${nameOf(path)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C${lines([...flags, '1:command:->command', '*::argument:->argument'])}
  case $state in
    command)
      local -a commands=(${names.map((one) => `\n        ${quoted(one)}`).join('')}
      )
      _describe command commands
      ;;
    argument)
      case $line[1] in
${commands.map(({ name }) => `        ${name}) ${nameOf([...path, name])} ;;`).join('\n')}
      esac
      ;;
  esac
}
`;
}

function nameOf(path: readonly string[]): string {
  return ['_ixgate', ...path].join('_').replaceAll('-', '_');
}

function lines(specs: readonly string[]): string {
  return specs.map((spec) => ` \\\n    ${quoted(spec)}`).join('');
}

/** `--listen[description]:endpoint:`; an option may be repeated. */
function optionSpec({ flag, argument, values, description, isOptional }: DescribedOption): string {
  const about = `*${flag}[${escaped(description)}]`;
  if (values === null) return about;
  const colon = isOptional ? '::' : ':';
  return `${about}${colon}${escaped(argument ?? '')}:${actionOf(values)}`;
}

function actionOf(values: Values): string {
  if (values === 'file') return '_files';
  if (values === 'folder') return '_files -/';
  return values === 'text' ? ' ' : `(${values.join(' ')})`;
}

/** Brackets and colons end the parts of a specification. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
