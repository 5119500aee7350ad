import { fileURLToPath } from 'node:url';
import type { Vite, VitestPluginContext } from 'vitest/node';
import { OptionError } from '../runtime/errors.js';
import { SuiteInspectors } from './suite-inspectors.js';

export interface InspectActorsOptions {
  /** A file for everything that the actors do; an older recording is replaced. Relative to the folder of the command. @default none, with `url` */
  readonly record?: string | undefined;
  /** Address of an inspector that runs, e.g. `ws://127.0.0.1:7080/stately`, to watch the tests. @default one that only records */
  readonly url?: string | undefined;
}

/** The setup file of the tests. It is made by the plugin, in the project, so that it gets the XState of the project. */
const setupFile = 'ixgate-inspect-actors.setup.js';
const worker = fileURLToPath(new URL('./inspect-file.js', import.meta.url));
const inspectors = new SuiteInspectors();

/**
 * A plugin for `plugins` of vitest.config: every actor of XState 5 in the tests tells an inspector what it does, without a change of the
 * app or of the tests. Each test file is an app of the inspector.
 *
 *     export default defineConfig({ plugins: [inspectActors({ record: 'actors.jsonl' })] });
 *
 * @throws {OptionError} without an option, or with both
 */
export function inspectActors({ record, url }: InspectActorsOptions): Vite.Plugin {
  if ((record === undefined) === (url === undefined)) {
    throw new OptionError('record', record, 'either record or url, e.g. actors.jsonl');
  }
  let setupPath = '';
  return {
    name: 'ixgate-inspect-actors',
    enforce: 'pre',
    config: () => ({ test: { setupFiles: [`./${setupFile}`] } }) as Vite.UserConfig,
    configResolved({ root }) {
      setupPath = `${root}/${setupFile}`;
    },
    // Vitest runs it again for each test file of a process by this path.
    resolveId: (id) => (id.endsWith(`/${setupFile}`) ? setupPath : null),
    async load(id) {
      return id === setupPath ? setupCode((await this.resolve('xstate', id)) !== null) : null;
    },
    async configureVitest({ vitest, project }: VitestPluginContext) {
      const { root } = project.config;
      const address =
        url === undefined ? await inspectors.open(record as string, vitest) : await reached(url);
      if (address !== null)
        project.provide('ixgateInspector' as never, { url: address, root } as never);
    },
  } as Vite.Plugin;
}

function setupCode(hasXState: boolean): string {
  return [
    `import { afterAll, expect, inject } from 'vitest';`,
    `import { inspectFile } from ${JSON.stringify(worker)};`,
    ...(hasXState ? [`import * as xstate from 'xstate';`] : []),
    `const settings = inject('ixgateInspector');`,
    `const copies = [${hasXState ? 'xstate' : ''}];`,
    // Large files take their time; without a connection it ends after five seconds.
    `if (settings) afterAll(inspectFile(copies, settings, expect.getState().testPath), 600_000);`,
  ].join('\n');
}

/** The address of an inspector that answers; null for another one, and then the tests run without it. */
async function reached(url: string): Promise<string | null> {
  try {
    await fetch(new URL('/', url.replace(/^ws/, 'http')), { signal: AbortSignal.timeout(2_000) });
    return url;
  } catch {
    console.warn(`ixgate/vitest: no inspector at ${url}. Start it: npx ixgate inspector`);
    return null;
  }
}
