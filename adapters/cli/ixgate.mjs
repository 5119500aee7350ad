#!/usr/bin/env node
// Committed to the repository, so that `npx ixgate` on a clone that is not built yet prints what to do.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

keepCompiledCode();
const main = new URL('../../dist/adapters/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href).catch((error) => {
    // Node opens all modules at once, so the module that reports errors is not loaded either.
    const [code, message] = told(error);
    const details = JSON.stringify({ error: { code, message } });
    console.error(process.argv.includes('--json') ? details : `ixgate: ${message}`);
    process.exitCode = 2;
  });
} else {
  console.error(
    'ixgate: not built yet. Run `npm run build` first, or `npm start`, which builds too.',
  );
  process.exitCode = 2;
}

function told(error) {
  if (error?.code === 'EMFILE') {
    const message = 'too many files are open (EMFILE). Raise the limit: ulimit -n 1024';
    return ['TOO_MANY_FILES', message];
  }
  const [, name] = /^Cannot find package '([^']+)'/.exec(error?.message ?? '') ?? [];
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || name === undefined) throw error;
  // As `withHint` of program.ts does for what a command loads.
  const message = `${name} is not installed, which only the command needs. Install ixgate without --omit=optional`;
  return ['PACKAGE_MISSING', message];
}

/**
 * Lets Node 22.8 and newer keep compiled code, so that the next start is faster. Node's own default is a folder that all users of the
 * machine share; here it is a folder that only this user can write. Without such a folder nothing is kept.
 */
function keepCompiledCode() {
  // With NODE_COMPILE_CACHE Node has enabled it already.
  if (module.enableCompileCache === undefined || process.env.NODE_COMPILE_CACHE) return;
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ixgate');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    const mayOthersWrite = process.getuid?.() !== uid || (mode & 0o022) !== 0;
    if (process.platform === 'win32' || !mayOthersWrite) module.enableCompileCache(folder);
  } catch {
    // A read-only file system, or a user without a home.
  }
}
