#!/usr/bin/env node
// Stands in the repository, so that `npx ixgate` finds a command on a clone that is not built yet, and says so.
import { existsSync } from 'node:fs';

const main = new URL('../../dist/adapters/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href).catch((error) => {
    // Node opens the modules all at once. What tells errors is one of them.
    if (error?.code !== 'EMFILE') throw error;
    const message = 'too many files are open (EMFILE). Raise the limit: ulimit -n 1024';
    const details = JSON.stringify({ error: { code: 'TOO_MANY_FILES', message } });
    console.error(process.argv.includes('--json') ? details : `ixgate: ${message}`);
    process.exitCode = 2;
  });
} else {
  console.error(
    'ixgate: not built yet. Run `npm run build` first, or `npm start`, which builds too.',
  );
  process.exitCode = 2;
}
