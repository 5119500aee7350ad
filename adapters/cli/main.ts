import { version } from '../runtime/version.js';

const args = process.argv.slice(2);
if (args.length === 1 && /^(-V|--version)$/.test(args[0] ?? '')) {
  // Scripts and health checks ask for it often: it loads nothing else.
  process.stdout.write(`${version()}\n`);
} else {
  const { run } = await import('./program.js');
  process.exitCode = await run(args);
}
