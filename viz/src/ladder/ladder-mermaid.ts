/** A session as a Mermaid sequence diagram, for places that draw it. */
import { duration, type Lifeline, mermaidLabel } from '../../../machines/index.js';
import type { SessionView } from '../state/contracts.js';
import type { LadderRow, StepRow } from './ladder-row.js';
import { ladderOf } from './rows.js';

const ids: Readonly<Record<Lifeline, string>> = {
  Client: 'Client',
  'Interaction Server': 'Interaction_Server',
};

const over = 'Note over Client,Interaction_Server: ';

/** One arrow a step with its time, deadlines and missing steps as notes over both lifelines. */
export function ladderMermaid(view: SessionView): string {
  const { rows } = ladderOf(view);
  return [
    'sequenceDiagram',
    '    participant Client as Client',
    '    participant Interaction_Server as Interaction Server',
    ...rows.flatMap(linesOf).map((line) => `    ${line}`),
    '',
  ].join('\n');
}

function linesOf(row: LadderRow): string[] {
  if (row.type === 'gap') return [over + mermaidLabel(row.words)];
  return [
    ...row.before.map((note) => over + mermaidLabel(note)),
    arrowLine(row),
    ...(row.detail ? [over + mermaidLabel(row.detail)] : []),
    ...(row.reason ? [over + mermaidLabel(row.reason)] : []),
    ...row.remarks.map((remark) => over + mermaidLabel(remark)),
    ...row.after.map((note) => over + mermaidLabel(note)),
  ];
}

function arrowLine({ step, arrow, label, flag }: StepRow): string {
  const words = mermaidLabel(
    `${label} (${[duration(step.elapsed), flag].filter(Boolean).join(', ')})`,
  );
  if (!arrow) return over + words;
  // A connection that broke by itself ends at both: drawn from the client, as Mermaid needs a side.
  const from = arrow.from ?? 'Client';
  const head = arrow.kind === 'disconnect' ? '-x' : '->>';
  return `${ids[from]}${head}${ids[arrow.to]}: ${words}`;
}
