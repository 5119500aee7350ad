/** What the plugin runs in each test file. */
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { createInspector } from '../inspector/client/index.js';
import type { Inspector } from '../inspector/client/options.js';
import { hookActors } from './actor-hook.js';

/** What the tests need to know; it travels to their processes and threads. */
export interface SuiteSettings {
  /** Address of the inspector, with the token. */
  readonly url: string;
  /** The folder of the project. */
  readonly root: string;
}

/** Messages that may wait: tests may do much before they wait for anything. */
const maxWaiting = 1_000_000;

/**
 * Inspects the actors of a test file.
 * @param copies module namespaces of XState as Vite resolves it; that of Node is added, which packages use
 * @param file path of the test file
 * @returns a function that sends everything and disconnects
 */
export function inspectFile(
  copies: readonly object[],
  { url, root }: SuiteSettings,
  file: string | undefined,
): () => Promise<void> {
  const name = file === undefined ? undefined : relative(root, file);
  // A file without actors does not connect.
  let inspector: Inspector | null = null;
  let isOver = false;
  const hooked = [...copies, ...nativeCopies(root)].map((copy) =>
    hookActors(copy, (event) => {
      if (isOver) return;
      inspector ??= createInspector({ url, name, maxWaiting });
      inspector.inspect(event);
    }),
  );
  if (!hooked.includes(true)) {
    console.warn(`ixgate/vitest: no XState 5 found in ${root}: its actors are not inspected`);
  }
  return async () => {
    isOver = true;
    if (inspector === null) return;
    const isSent = await inspector.flush();
    inspector.close();
    if (!isSent) console.warn(`ixgate/vitest: the inspector has not got all of ${name}: ${url}`);
  };
}

/** The copy of XState that packages of the project load. */
function nativeCopies(root: string): object[] {
  try {
    return [createRequire(join(root, 'package.json'))('xstate') as object];
  } catch {
    return [];
  }
}
