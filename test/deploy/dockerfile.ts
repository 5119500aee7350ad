/** Reads a Dockerfile, and runs the commands of its stages in folders instead of a container. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface Instruction {
  /** In upper case. */
  readonly name: string;
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile. */
export function stagesOf(dockerfile: string): Stage[] {
  const lines = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const stages: { name: string; instructions: Instruction[] }[] = [];
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push({ name: / AS (\w+)/.exec(text)?.[1] ?? '', instructions: [] });
    stages.at(-1)?.instructions.push({ name, text });
  }
  return stages;
}

/** The texts of the instructions with a name. */
export const textsOf = ({ instructions }: Stage, wanted: string): string[] =>
  instructions.filter(({ name }) => name === wanted).map(({ text }) => text);

/** Builds stages: each has a folder as its root, where the absolute paths of its commands lead. */
export class FolderBuild {
  readonly #root: string;
  readonly #context: string;

  /**
   * @param root an empty folder
   * @param context the folder that COPY reads
   */
  constructor(root: string, context: string) {
    this.#root = root;
    this.#context = context;
  }

  /** The place of an absolute path in a stage. */
  path(stage: string, absolute: string): string {
    return join(this.#root, stage, absolute);
  }

  async run({ name: stage, instructions }: Stage): Promise<void> {
    let folder = '/';
    await mkdir(this.path(stage, '/tmp'), { recursive: true });
    for (const { name, text } of instructions) {
      if (name === 'WORKDIR') {
        folder = text;
        await mkdir(this.path(stage, folder), { recursive: true });
      } else if (name === 'COPY') await this.#copy(stage, folder, text.split(/\s+/));
      else if (name === 'RUN') {
        const command = text.replace(
          /(?<=^|\s)\/(?=tmp\/|tmp\b|opt\/|src\b)/g,
          `${this.path(stage, '/')}`,
        );
        await promisify(execFile)('sh', ['-c', command], {
          cwd: this.path(stage, folder),
          maxBuffer: 2 ** 26,
        });
      }
    }
  }

  async #copy(stage: string, folder: string, words: readonly string[]): Promise<void> {
    const [, from] = /^--from=(.*)$/.exec(words[0] ?? '') ?? [];
    const [source = '', target = ''] = words.slice(-2);
    const base = from === undefined ? join(this.#context, source) : this.path(from, source);
    let into = target.startsWith('/')
      ? this.path(stage, target)
      : join(this.path(stage, folder), target);
    const isFolder = await readdir(base).then(
      () => true,
      () => false,
    );
    if (!isFolder && target.endsWith('/')) into = join(into, basename(base));
    await mkdir(isFolder ? into : dirname(into), { recursive: true });
    await cp(base, into, { recursive: true, verbatimSymlinks: true });
  }
}
