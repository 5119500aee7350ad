#!/usr/bin/env node
// Stands in the repository, so that `npx ixgate` finds a command on a clone that is not built yet, and says so.
import { existsSync } from 'node:fs';

const main = new URL('../../dist/adapters/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error(
    'ixgate: not built yet. Run `npm run build` first, or `npm start`, which builds too.',
  );
  process.exitCode = 2;
}
