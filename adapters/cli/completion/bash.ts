import type { DescribedCommand, DescribedOption, Values } from '../described.js';
import { pathCases } from './path-cases.js';

/** The completion script for bash. */
export function bashCompletion(commands: readonly DescribedCommand[]): string {
  return `# Completion of ixgate for bash, made by: ixgate completion bash
_ixgate_words() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_ixgate_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

_ixgate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    # What follows two dashes is another command.
    if [[ \${COMP_WORDS[i]} == -- ]]; then
      _ixgate_paths -c
      return
    fi
    case "$command/\${COMP_WORDS[i]}" in
${pathCases(commands, (pattern, path) => `      '${pattern}') command='${path}' ;;`)}
    esac
  done
  # bash splits --option=value into three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _ixgate ixgate
`;
}

/** Options with a value: the values that they take, or nothing. */
function valueCases({ path, options }: DescribedCommand): string[] {
  return options
    .filter(({ values, isOptional }) => values !== null && !isOptional)
    .map(({ flag, values }) => {
      return `    '${path.join(' ')} ${flag}') ${completed(values ?? 'text')} return ;;`;
    });
}

function commandCase({ path, options, commands, arguments: given }: DescribedCommand): string {
  const flags = options.flatMap(wordsOf);
  // After the first argument the last one counts: it may stand several times.
  const values =
    commands.length > 0 ? commands.map(({ name }) => name) : (given.at(-1)?.values ?? []);
  return `    '${path.join(' ')}')
      if [[ $cur == -* ]]; then ${completed(flags)} else ${completed(values)} fi
      ;;`;
}

function wordsOf({ flag, short }: DescribedOption): string[] {
  return short === null ? [flag] : [short, flag];
}

/** A command that sets COMPREPLY, with a semicolon. */
function completed(values: Values): string {
  if (values === 'file') return '_ixgate_paths -f;';
  if (values === 'folder') return '_ixgate_paths -d;';
  if (values === 'text' || values.length === 0) return 'true;';
  return `_ixgate_words $'${values.join('\\n')}';`;
}
