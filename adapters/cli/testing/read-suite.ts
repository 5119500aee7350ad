import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SuiteFileError } from '../../../machines/engine/testgen/suite-file.js';
import { readSuite } from '../../../machines/registration/sut/suites.js';
import type { PlayedSuite } from '../../tester/index.js';
import { UsageError } from '../exit-codes.js';

/**
 * Opens a suite file for a run. The file is checked completely first, so that no case of a damaged suite is played. It is read again
 * during the run, so that a suite of any size needs little memory.
 * @throws {UsageError} with the invalid line and the reason.
 */
export async function suiteFrom(path: string): Promise<PlayedSuite> {
  const header = await withReasons(path, async () => {
    const { header, cases } = await readSuite(linesOf(path));
    for await (const _ of cases);
    return header;
  });
  if (header.cases === 0) throw new UsageError(`${path}: the suite has no cases`);
  return {
    ...header,
    async *[Symbol.asyncIterator]() {
      const { cases } = await withReasons(path, () => readSuite(linesOf(path)));
      yield* cases;
    },
  };
}

/** The lines of a file. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  try {
    yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    file.destroy();
  }
}

/** Runs a read of a suite file. @throws {UsageError} with the path and the reason */
export async function withReasons<Result>(
  path: string,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    const { code, message } = cause as SuiteFileError | NodeJS.ErrnoException;
    if (code === 'BAD_SUITE') throw new UsageError(`${path}: ${message}`, { cause });
    if (code) throw new UsageError(`cannot read ${path}: ${message}`, { cause });
    throw cause;
  }
}
