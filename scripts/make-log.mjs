// Writes a log in the format of Interaction Server, and next to it the expected outcomes: npm run make-log -- --help. The log comes from
// generated-log.ts, which tests import too; vite runs it because Node 20 cannot.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { runnerImport } from 'vite';

const whole = (least) => (text) => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least && /^\d+$/.test(text)) return number;
  throw new InvalidArgumentError(`allowed: a whole number from ${least}`);
};

const program = new Command('make-log')
  .description(
    'Write a log in the format of Interaction Server, and FILE.expected.jsonl with the outcome of each session.',
  )
  .requiredOption('--out <file>', 'output file, overwritten if it exists')
  .option('--sessions <number>', 'number of sessions', whole(1), 100_000)
  .option('--seed <number>', 'seed; the same seed gives the same log', whole(0), 1)
  .option('--clean', 'no sessions with findings', false)
  .option('--mistake <name...>', 'mistakes of the server, see generated-log.ts', [])
  .exitOverride()
  .configureOutput({
    outputError: (text) => process.stderr.write(`make-log: ${text.replace(/^error: /, '')}`),
  });

async function make({ out, sessions, seed, clean, mistake }) {
  const { module } = await runnerImport(
    fileURLToPath(new URL('generated-log.ts', import.meta.url)),
    {
      logLevel: 'error',
    },
  );
  const wrong = mistake.find((name) => !Object.hasOwn(module.mistakes, name));
  if (wrong !== undefined) {
    const known = Object.keys(module.mistakes).join(', ');
    throw new Error(`unknown mistake ${JSON.stringify(wrong)}; allowed: ${known}`);
  }
  const log = createWriteStream(out);
  const expected = createWriteStream(`${out}.expected.jsonl`);
  let problem = null;
  for (const stream of [log, expected]) stream.on('error', (error) => (problem ??= error));
  await Promise.all([once(log, 'open'), once(expected, 'open')]);
  let lines = 0;
  const options = { sessions, seed, isClean: clean, mistakes: mistake };
  for (const piece of module.generatedLog(options)) {
    if (problem) throw problem;
    const [stream, text] =
      'text' in piece ? [log, piece.text] : [expected, `${JSON.stringify(piece.expected)}\n`];
    if ('text' in piece) lines += text.split('\n').length - 1;
    if (!stream.write(text)) await once(stream, 'drain');
  }
  await Promise.all([log, expected].map((stream) => new Promise((done) => stream.end(done))));
  console.log(`${out}: ${sessions} sessions, ${lines} lines, ${log.bytesWritten} bytes`);
}

try {
  await make(program.parse().opts());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`make-log: ${error.message}`);
    process.exitCode = 2;
  }
}
