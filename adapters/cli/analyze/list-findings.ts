import { type FindingCode, findingCodes } from '../../../machines/registration/session/findings.js';
import { countLine } from '../../runtime/text-table.js';
import type { Output } from '../output.js';
import { findingLine } from './finding-line.js';
import { LinesOut } from './lines-out.js';
import { damageLines, type Found, footerLines } from './read-text.js';
import type { Reading } from './reading.js';
import type { IsWanted } from './wanted-sessions.js';

/** Writes each finding as a line when it comes, then the counts by code and the damaged places. */
export async function listFindings(
  reading: Reading,
  isWanted: IsWanted | null,
  follow: boolean,
  { paint, io }: Output,
): Promise<Found> {
  const lines = new LinesOut(io.stdout, follow, reading.endProgress);
  const byCode = new Map<FindingCode, number>();
  let [sessions, matched, findings] = [0, 0, 0];
  const read = await reading.read({
    onSession: ({ summary }, { server }) => {
      sessions += 1;
      if (!isWanted || isWanted(summary.session, server)) matched += 1;
    },
    onFinding: (finding, { server }) => {
      const { session, code } = finding;
      if (isWanted && (session === null || !isWanted(session, server))) return;
      findings += 1;
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
      lines.line(findingLine(finding, paint));
    },
  });
  if (findings > 0) lines.line('');
  const counts = [...byCode].sort(([, one], [, other]) => other - one);
  for (const [code, count] of counts) {
    lines.line(countLine(count, `${code}  ${paint.dim(findingCodes[code])}`, 9));
  }
  const damages = damageLines(read);
  if (findings > 0) lines.line('');
  for (const line of damages) lines.line(line);
  if (damages.length > 0) lines.line('');
  const found = { sessions, matched, findings };
  for (const line of footerLines(found, read)) lines.line(paint.dim(line));
  lines.flush();
  return found;
}
