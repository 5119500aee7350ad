import type { DescribedCommand } from '../described.js';

/**
 * A line for each command in a script that walks over the words: from the path so far and the next word to the longer path.
 * @param line given `figures/run` and `figures run`
 */
export function pathCases(
  commands: readonly DescribedCommand[],
  line: (pattern: string, path: string) => string,
): string {
  return commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => line(`${path.slice(0, -1).join(' ')}/${path.at(-1)}`, path.join(' ')))
    .join('\n');
}
