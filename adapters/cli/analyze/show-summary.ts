import type { Output } from '../output.js';
import type { Filter } from './filters.js';
import { LogSummary } from './log-summary.js';
import { endObject, type Found, footerLines } from './read-text.js';
import type { Reading } from './reading.js';
import { sessionFields } from './session-fields.js';
import { summaryText } from './summary-text.js';

/** Writes the summary of the sessions that match a filter. */
export async function showSummary(
  reading: Reading,
  filter: Filter | null,
  output: Output,
): Promise<Found> {
  const summary = new LogSummary();
  let [sessions, matched, findings] = [0, 0, 0];
  const read = await reading.read({
    onFinding: () => {
      findings += 1;
    },
    onSession: (session, log) => {
      sessions += 1;
      const fields = sessionFields(session, log);
      if (filter && !filter(fields)) return;
      matched += 1;
      summary.add(fields);
    },
  });
  const result = summary.result();
  const found = { sessions, matched, findings: filter ? result.findings : findings };
  const { paint } = output;
  const foot = footerLines(found, read).map(paint.dim);
  output.tell([summaryText(result, paint), '', ...foot].join('\n'), {
    type: 'summary',
    ...result,
    ...endObject(found, read),
  });
  return found;
}
