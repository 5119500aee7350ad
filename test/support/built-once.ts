import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a folder when it is first asked for; the test files of this process share it. It is removed when the process exits.
 * @param make fills the folder
 */
export function builtOnce(make: (folder: string) => Promise<unknown>): () => Promise<string> {
  let built: Promise<string> | undefined;
  return () => {
    built ??= (async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ixgate-built-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      await make(folder);
      return folder;
    })();
    return built;
  };
}
