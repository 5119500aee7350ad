import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingGap } from '../../machines/registration/session/gap-mark.js';
import type { StepRecord } from '../../machines/registration/session/step.js';
import { IxgateError } from '../runtime/errors.js';
import { builtPage } from './page-files.js';

/** The template of reports was not built. */
export class PageNotBuiltError extends IxgateError {
  override readonly name = 'PageNotBuiltError';
  constructor() {
    super(
      'PAGE_NOT_BUILT',
      'the page was not built; run "npm run build" in the folder of ixgate first',
    );
  }
}

/** The script element of the template that contains the session. */
const place = /(<script\b[^>]*\bid="ixgate-report"[^>]*>)[^<]*(<\/script>)/;

/**
 * One session as a self-contained HTML file.
 * @param gaps gap marks of the session.
 * @param page folder of the built page. @default the page of this package
 * @throws {PageNotBuiltError}
 */
export async function reportOf(
  steps: readonly StepRecord[],
  gaps: readonly RecordingGap[] = [],
  page = builtPage,
): Promise<string> {
  const template = await readFile(join(page, 'report.html'), 'utf8').catch(() => null);
  if (template === null || !place.test(template)) throw new PageNotBuiltError();
  // Data of clients must not end the script element.
  const data = JSON.stringify({ steps, ...(gaps.length > 0 && { gaps }) }).replaceAll(
    '<',
    '\\u003c',
  );
  return template.replace(place, (_all, open: string, close: string) => `${open}${data}${close}`);
}
