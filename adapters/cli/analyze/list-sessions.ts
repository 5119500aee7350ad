import type { Output } from '../output.js';
import type { Filter } from './filters.js';
import { findingLine } from './finding-line.js';
import { jsonText, LinesOut } from './lines-out.js';
import { endObject, type Found, footerLines, many } from './read-text.js';
import type { Reading } from './reading.js';
import { type SessionFields, sessionFields } from './session-fields.js';
import { StartOrder } from './start-order.js';
import { marksLegend, tableHead, tableRow } from './table.js';
import type { IsWanted } from './wanted-sessions.js';

/** Maximum number of rows held back for rows that started earlier. */
const mostHeld = 100_000;

export interface ListOptions {
  readonly filter: Filter | null;
  /** Writes rows and findings as they come, without sorting. */
  readonly follow: boolean;
  /** The sessions whose findings are written between the rows; null for none. */
  readonly findingsOf: IsWanted | null;
  /** Maximum number of rows held back. @default 100,000 */
  readonly held?: number | undefined;
}

/**
 * Writes the sessions that match a filter: a table in order of start, or one JSON object each as they end.
 * @returns the counts. With a filter, only findings of matching sessions count.
 */
export async function listSessions(
  reading: Reading,
  { filter, follow, findingsOf, held = mostHeld }: ListOptions,
  { json, paint, io }: Output,
): Promise<Found> {
  const lines = new LinesOut(io.stdout, follow, reading.endProgress);
  // JSON is not sorted: its reader can sort and need not wait.
  const order = new StartOrder(follow || json ? 0 : held, (row) => lines.line(row));
  const seen = { inferred: false, findings: false };
  let [sessions, matched, findings, findingsInAll] = [0, 0, 0, 0];
  let isHeadWritten = json;
  const head = () => {
    if (!isHeadWritten) lines.line(tableHead(paint));
    isHeadWritten = true;
  };
  const row = (session: SessionFields): string => {
    if (json) return jsonText({ type: 'session', ...session });
    seen.inferred ||= session.inferred.length > 0;
    seen.findings ||= session.findings > 0;
    return tableRow(session, paint);
  };
  if (follow) head();
  const read = await reading.read({
    onSession: (session, log) => {
      sessions += 1;
      const fields = sessionFields(session, log);
      if (filter && !filter(fields)) return;
      matched += 1;
      findings += fields.findings;
      head();
      order.add(fields.startedAt, row(fields));
    },
    onFinding: (finding, log) => {
      findingsInAll += 1;
      if (!findingsOf || (finding.session !== null && !findingsOf(finding.session, log.server))) {
        return;
      }
      if (json) lines.json({ type: 'finding', server: log.server, ...finding });
      else lines.line(findingLine(finding, paint));
    },
  });
  order.end();
  const found = { sessions, matched, findings: filter ? findings : findingsInAll };
  if (json) lines.json({ type: 'end', ...endObject(found, read) });
  else {
    const late =
      order.late > 0 && !follow
        ? [
            `not in order of start: ${many(order.late, 'row')}, because at most ${held} are held back`,
          ]
        : [];
    const notes = [...marksLegend(seen), ...late];
    if (matched > 0) lines.line('');
    for (const line of [...notes, ...footerLines(found, read)]) lines.line(paint.dim(line));
  }
  lines.flush();
  return found;
}
