import { checkProtocol } from '../../../machines/engine/kit/check-protocol.js';
import { formatRow, widestOf } from '../../runtime/text-table.js';
import type { CommandContext } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { type ProtocolFlags, protocolFrom } from './protocol-options.js';

/** `ixgate check --protocol`: the properties of the protocol, each with the shortest session that breaks it. */
export async function checkProtocolCommand(
  flags: ProtocolFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { paint } = output;
  const { live, model, settings } = await protocolFrom(flags, context);
  const { properties, words } = live.protocol;
  const { states, transitions, results } = checkProtocol(properties, model);
  const width = widestOf(properties.map(({ id }) => id));
  const lines = results.flatMap(({ id, sentence, counterexample }) => {
    const verdict = counterexample ? paint.red('VIOLATED') : paint.green('holds');
    const steps = (counterexample ?? []).map(
      ({ input, outputs, to }) =>
        `          the client ${words.clientDoes(input)}: ${outputs.join(' ') || 'nothing'}, then ${to}`,
    );
    return [formatRow([verdict, id, sentence], [{ width: 8 }, { width }]), ...steps];
  });
  const broken = results.filter(({ counterexample }) => counterexample !== null).length;
  const sum = `${results.length - broken} of ${results.length} properties hold`;
  output.tell(
    [
      `${states} states and ${transitions} transitions of ${live.protocol.title}`,
      '',
      ...lines,
      '',
      broken === 0 ? paint.green(sum) : paint.red(sum),
    ].join('\n'),
    { settings, states, transitions, results },
  );
  return broken === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}
