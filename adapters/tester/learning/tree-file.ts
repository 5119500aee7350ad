/** The plays of a learning in a file, so that it can go on after an interruption. */
import type { WriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import * as v from 'valibot';
import type { Play } from '../../../machines/engine/learning/timed-system.js';
import { FileError, unreadable } from '../../files/file-error.js';

/** What the plays belong to. Other plays are not mixed with them. */
export interface TreeHeader {
  readonly target: string;
  readonly protocol: string;
  readonly inputs: readonly string[];
  /** Milliseconds; null for that of the earlier plays, or a usual one in a new file. */
  readonly horizon: number | null;
  readonly usualHorizon: number;
}

const headerSchema = v.object({
  kind: v.literal('ixgate-learning-tree'),
  version: v.literal(1),
  target: v.string(),
  protocol: v.string(),
  inputs: v.array(v.string()),
  horizon: v.number(),
});
/** The steps of a play: input, output, moment and whether the connection has ended. */
const playSchema = v.array(v.tuple([v.string(), v.string(), v.number(), v.boolean()]));

export class TreeFile {
  /** The plays of earlier runs. */
  readonly known: readonly Play[];
  /** Milliseconds. */
  readonly horizon: number;
  readonly #stream: WriteStream;
  readonly #finished: Promise<void>;

  private constructor(known: readonly Play[], horizon: number, handle: FileHandle) {
    this.known = known;
    this.horizon = horizon;
    this.#stream = handle.createWriteStream();
    this.#finished = finished(this.#stream);
    // Told by `close`.
    this.#finished.catch(() => {});
  }

  /**
   * Opens a file, which is created when it is missing. A last line that was cut off is dropped.
   * @throws {FileError} when it cannot be opened, is damaged, or belongs to another system
   */
  static async open(path: string, header: TreeHeader): Promise<TreeFile> {
    const handle = await open(path, 'a+').catch((cause) => {
      throw unreadable(path, cause);
    });
    try {
      const text = await handle.readFile('utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole.length < text.length) await handle.truncate(Buffer.byteLength(whole));
      const { usualHorizon, ...given } = header;
      if (whole !== '') {
        const { known, horizon } = contentOf(path, whole, given);
        return new TreeFile(known, horizon, handle);
      }
      const horizon = given.horizon ?? usualHorizon;
      const first = { kind: 'ixgate-learning-tree', version: 1, ...given, horizon };
      await handle.appendFile(`${JSON.stringify(first)}\n`);
      return new TreeFile([], horizon, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  add({ steps }: Play): void {
    const line = steps.map(({ input, output, at, isClosed }) => [
      input,
      output,
      Math.round(at * 100) / 100,
      isClosed,
    ]);
    this.#stream.write(`${JSON.stringify(line)}\n`);
  }

  /** @throws the first error of writing */
  async close(): Promise<void> {
    this.#stream.end();
    await this.#finished;
  }
}

function contentOf(path: string, text: string, header: Omit<TreeHeader, 'usualHorizon'>) {
  const [first = '', ...lines] = text.trimEnd().split('\n');
  const found = parsed(headerSchema, first);
  if (!found) {
    throw new FileError(path, 1, 'not a tree of ixgate learn; choose another file for --tree');
  }
  for (const name of ['target', 'protocol', 'inputs', 'horizon'] as const) {
    const [was, is] = [found[name], header[name] ?? found[name]].map((one) => JSON.stringify(one));
    if (was === is) continue;
    const problem = `the tree was learned with ${name} ${was}, not ${is}; choose another file for --tree`;
    throw new FileError(path, 1, problem);
  }
  return { known: playsIn(path, lines), horizon: found.horizon };
}

function playsIn(path: string, lines: readonly string[]): Play[] {
  return lines.map((line, index) => {
    const steps = parsed(playSchema, line);
    if (!steps) {
      throw new FileError(
        path,
        index + 2,
        'the line is damaged; delete it, or choose another --tree',
      );
    }
    return {
      steps: steps.map(([input, output, at, isClosed]) => ({ input, output, at, isClosed })),
      stalled: 0,
    };
  });
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, line: string) {
  try {
    const result = v.safeParse(schema, JSON.parse(line));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
