import { resolve } from 'node:path';
import type { InspectorServer } from '../inspector/open-inspector.js';
import { openSuiteInspector } from '../inspector/suite-inspector.js';

/** What is used of Vitest. */
interface Run {
  onClose(work: () => Promise<void>): void;
}

/** The inspectors of this process, by recording: several projects of one run may share one. */
export class SuiteInspectors {
  readonly #open = new Map<
    string,
    { readonly run: Run; readonly server: Promise<InspectorServer> }
  >();

  /** @returns the address for tests @throws {RecordingError} */
  async open(record: string, run: Run): Promise<string> {
    const path = resolve(record);
    const known = this.#open.get(path);
    if (known?.run === run) return (await known.server).browserAppUrl;
    const server = openSuiteInspector(path);
    this.#open.set(path, { run, server });
    const { browserAppUrl, close } = await server;
    run.onClose(close);
    return browserAppUrl;
  }
}
