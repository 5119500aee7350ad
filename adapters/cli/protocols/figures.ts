import type { ProtocolFigure } from '../../../machines/engine/kit/definition.js';
import { mermaidDiagram } from '../../../machines/engine/testgen/formats/mermaid.js';
import {
  type ChosenProtocol,
  playProtocolFigure,
  protocolRun,
  renderDifference,
  renderProtocolFigure,
} from '../../tester/protocols/index.js';
import { type TlsFlags, tlsOptions } from '../client-options.js';
import type { CommandContext } from '../context.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { rounded } from '../output.js';
import { type ProtocolFlags, protocolFrom } from './protocol-options.js';

/** `ixgate figures list --protocol`. */
export async function listProtocolFigures(flags: ProtocolFlags, context: CommandContext) {
  const { output } = context;
  const { live, settings } = await protocolFrom(flags, context);
  const figures = live.protocol.figures(settings);
  const width = Math.max(...figures.map(({ id }) => id.length));
  const text = figures.map(({ id, title }) => `${output.paint.bold(id.padEnd(width))}  ${title}`);
  output.tell(text.join('\n'), {
    figures: figures.map(({ id, title, source }) => ({ id, title, source })),
  });
}

/** `ixgate figures show --protocol`. */
export async function showProtocolFigure(
  id: string,
  flags: ProtocolFlags & { readonly mermaid?: boolean },
  context: CommandContext,
) {
  const { output } = context;
  const chosen = await protocolFrom(flags, context);
  const [figure] = figuresOf(chosen, [id]) as [ProtocolFigure];
  const drawn = flags.mermaid
    ? mermaidDiagram(figure.steps, chosen.live.protocol.words)
    : renderProtocolFigure(chosen, figure, output.paint);
  output.tell(drawn.trimEnd(), flags.mermaid ? { id, mermaid: drawn } : figure);
}

export interface RunFlags extends ProtocolFlags, TlsFlags {
  readonly against?: string;
  readonly responseTimeout: number;
}

/** `ixgate figures run --protocol`. */
export async function runProtocolFigures(
  ids: readonly string[],
  flags: RunFlags,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const { paint } = output;
  if (flags.against === undefined) {
    throw new UsageError(
      '--protocol needs --against <endpoint>, e.g. --against tcp://127.0.0.1:1883',
    );
  }
  const chosen = await protocolFrom(flags, context, { isLive: true });
  const { live, choices } = chosen;
  const { against: endpoint, responseTimeout } = flags;
  const tls = await tlsOptions(flags);
  const run = protocolRun(live, choices, { endpoint, tls, responseTimeout });
  let [failed, passed] = [0, 0];
  for (const figure of figuresOf(chosen, ids)) {
    const { verdict, reason, failure, elapsed } = await playProtocolFigure(run, figure);
    if (verdict === 'pass') passed += 1;
    if (verdict === 'fail') failed += 1;
    const mark = {
      pass: paint.green('pass'),
      fail: paint.red('FAIL'),
      'not played': paint.dim('not played'),
    };
    const inputs = figure.steps.map(({ input }) => input);
    const difference = failure && renderDifference(inputs, failure);
    const note = difference === null ? reason : paint.red(difference);
    const why = note === null ? '' : `\n            ${note}`;
    output.tell(
      `${mark[verdict]}${' '.repeat(12 - verdict.length)}${figure.id}  ${figure.title}${why}`,
      {
        figure: figure.id,
        target: endpoint,
        verdict,
        elapsedMs: rounded(elapsed),
        difference,
        reason,
      },
    );
  }
  if (!output.json) {
    const text = `${passed} of ${passed + failed} passed`;
    output.tell(failed === 0 ? paint.green(text) : paint.red(text), null);
  }
  return failed === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}

/** The figures with these ids; all of them without one. @throws {UsageError} */
function figuresOf(
  { live, settings }: ChosenProtocol,
  ids: readonly string[],
): readonly ProtocolFigure[] {
  const figures = live.protocol.figures(settings);
  if (ids.length === 0) return figures;
  return ids.map((id) => {
    const found = figures.find((figure) => figure.id === id);
    if (found) return found;
    const allowed = figures.map((figure) => figure.id).join(', ');
    throw new UsageError(`unknown figure ${JSON.stringify(id)}; allowed: ${allowed}`);
  });
}
