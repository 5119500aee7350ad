import { resolve } from 'node:path';
import { openSuiteInspector } from '../inspector/suite-inspector.js';

/** Playwright starts its workers with the environment that the global setup leaves. */
export const suiteVariable = 'IXGATE_INSPECTOR';

export interface RecordActorsOptions {
  /** A file for everything that the actors do; an older recording is replaced. Relative to the folder of the command. */
  readonly record: string;
}

/**
 * A global setup of Playwright: an inspector that records what the actors of all pages do.
 *
 *     // inspector.setup.ts, with `globalSetup: './inspector.setup.ts'` in playwright.config.ts
 *     export default recordActors({ record: 'actors.jsonl' });
 *
 * @returns the setup; it rejects with RecordingError when the file cannot be created, or is not a recording
 */
export function recordActors({ record }: RecordActorsOptions): () => Promise<() => Promise<void>> {
  return async () => {
    const { browserAppUrl, close } = await openSuiteInspector(resolve(record));
    process.env[suiteVariable] = browserAppUrl;
    return close;
  };
}
