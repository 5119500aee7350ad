import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingGap, StepRecord } from '../../machines/index.js';
import { IxgateError } from '../runtime/errors.js';
import { builtPage } from './page-files.js';

/** The page that a report is made from was not built. */
export class PageNotBuiltError extends IxgateError {
  override readonly name = 'PageNotBuiltError';
  constructor() {
    super(
      'PAGE_NOT_BUILT',
      'the page was not built; run "npm run build" in the folder of ixgate first',
    );
  }
}

/** Where the page's template takes the session from. */
const place = /(<script\b[^>]*\bid="ixgate-report"[^>]*>)[^<]*(<\/script>)/;

/**
 * One session as one HTML file that needs nothing else: no network, no server.
 * @param gaps its gap marks.
 * @param page folder of the built page. @default the one of this package
 * @throws {PageNotBuiltError}
 */
export async function reportOf(
  steps: readonly StepRecord[],
  gaps: readonly RecordingGap[] = [],
  page = builtPage,
): Promise<string> {
  const template = await readFile(join(page, 'report.html'), 'utf8').catch(() => null);
  if (template === null || !place.test(template)) throw new PageNotBuiltError();
  // What a client said cannot end the script element.
  const data = JSON.stringify({ steps, ...(gaps.length > 0 && { gaps }) }).replaceAll(
    '<',
    '\\u003c',
  );
  return template.replace(place, (_all, open: string, close: string) => `${open}${data}${close}`);
}
