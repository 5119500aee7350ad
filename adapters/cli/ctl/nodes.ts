import { exitCodes } from '../exit-codes.js';
import { type Ctl, namedNodes } from './context.js';
import type { NodeAnswers, NodesAnswer, Reloaded } from './shapes.js';
import { nodeLines, reloadedText } from './texts.js';

/** `ixgate ctl nodes`. */
export async function nodes({ client, output }: Ctl): Promise<number> {
  const answer = await client.ask<NodesAnswer>('GET', '/nodes');
  output.tell(nodeLines(answer.nodes).join('\n'), answer);
  return exitCodes.ok.code;
}

/**
 * `drain`, `resume` and `reload` of other gates.
 * @param done what a gate has done, e.g. `draining`
 * @returns the exit code: that of a refused request when a gate has not done it
 */
export async function askNodes(
  { client, output, flags }: Ctl,
  path: '/drain' | '/resume' | '/reload',
  done: string,
): Promise<number> {
  const answer = await client.ask<NodeAnswers>('POST', path, {}, namedNodes(flags) ?? {});
  const lines = answer.nodes.map(({ node, problem, ...result }) => {
    if (problem !== null) return `${node}: failed: ${problem}`;
    const text = result.changed ? reloadedText(done, result as Reloaded) : done;
    return `${node}: ${text}`;
  });
  output.tell(lines.join('\n'), answer);
  const isDone = answer.nodes.every(({ problem }) => problem === null);
  return isDone ? exitCodes.ok.code : exitCodes.unreachable.code;
}
