import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { type DescribedCommand, describedCommands } from '../../adapters/cli/described.js';
import { Output } from '../../adapters/cli/output.js';
import { contextOf } from '../../adapters/cli/program.js';
import { serveKeys } from '../../adapters/config/index.js';
import { temporaryFolder } from '../support/folder.js';
import { ixgate } from './in-process.js';

const run = promisify(execFile);

async function described(): Promise<DescribedCommand[]> {
  return describedCommands(await contextOf(new Output(false)).wholeProgram());
}

/** Whether a program is installed. If not, it logs that its tests are skipped. */
async function has(program: string, flag = '--version'): Promise<boolean> {
  try {
    await run(program, [flag]);
    return true;
  } catch {
    console.warn(`SKIPPED: ${program} is not installed (Debian: apt-get install ${program})`);
    return false;
  }
}

/** A folder with the completion script of a shell, and some files to complete. */
async function folderFor(shell: string) {
  const folder = await temporaryFolder();
  const { code, stdout } = await ixgate(['completion', shell]);
  expect(code).toBe(0);
  await writeFile(join(folder.path, 'script'), stdout);
  await mkdir(join(folder.path, 'a folder'));
  await writeFile(join(folder.path, 'a file.json'), '');
  return folder;
}

/** Lines of input for a shell, and what each of them completes to, sorted. */
type Completions = Readonly<Record<string, readonly string[]>>;

const expected: Completions = {
  'ixgate ser': ['serve'],
  'ixgate figures r': ['run'],
  'ixgate serve --log-lev': ['--log-level'],
  'ixgate serve --name-policy ': ['allow', 'probe', 'reject', 'takeover'],
  'ixgate serve --name-policy pr': ['probe'],
  'ixgate register tcp://127.0.0.1:7004 --type Agent': ['AgentApplication'],
  'ixgate completion ': ['bash', 'fish', 'zsh'],
  // A name is any text.
  'ixgate register --name ': [],
  // The word after an option is its value, not a command.
  'ixgate register --name serve --exten': ['--extension'],
};

/** Runs a script in a shell and returns the lines that it prints for each input, which it separates by `== INPUT`. */
async function completionsOf(shell: string[], script: string, cwd: string): Promise<Completions> {
  const [program = '', ...args] = shell;
  const { stdout, stderr } = await run(program, [...args, '-c', script], { cwd });
  expect(stderr).toBe('');
  const parts = stdout.split(/^== /m).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const [line = '', ...found] = part.replace(/\n$/, '').split('\n');
      return [line, found.filter((one) => one !== '').sort()];
    }),
  );
}

/** A shell in a terminal, which `script` of util-linux makes. */
class Terminal implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  /** What the shell has written since the last text that was awaited. */
  #rest = '';
  #wake: () => void = () => {};

  constructor(shell: string, cwd: string) {
    this.#child = spawn('script', ['-qec', shell, '/dev/null'], {
      cwd,
      env: { PATH: process.env.PATH, TERM: 'dumb', INPUTRC: '/dev/null', PS1: '$ ' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#rest += text;
      this.#wake();
    });
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits for a text on the screen. */
  async seen(text: string): Promise<void> {
    const signal = AbortSignal.timeout(20_000);
    for (let at = -1; ; ) {
      at = this.#rest.indexOf(text);
      if (at >= 0) {
        this.#rest = this.#rest.slice(at + text.length);
        return;
      }
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        signal.onabort = () => reject(new Error(`no ${text} in ${JSON.stringify(this.#rest)}`));
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}

/** Every option, and every command, as a line with the beginning of it. */
async function everyWord(): Promise<Completions> {
  const lines = (await described()).flatMap(({ path, options, commands }) => {
    const start = ['ixgate', ...path].join(' ');
    const flags = options.map(({ flag }) => flag);
    return [
      [`${start} --`, flags.sort()] as const,
      ...(commands.length > 0
        ? [[`${start} `, commands.map(({ name }) => name).sort()] as const]
        : []),
    ];
  });
  return Object.fromEntries(lines);
}

describe('The description of the commands', () => {
  it('has every option of serve, with the values of those that are a choice', async () => {
    const serve = (await described()).find(({ path }) => path.join(' ') === 'serve');
    expect(serve?.options.length).toBeGreaterThan(serveKeys.length);
    const valuesOf = (flag: string) => serve?.options.find((one) => one.flag === flag)?.values;
    expect(valuesOf('--log-level')).toContain('silent');
    expect(valuesOf('--proxy-protocol')).toEqual(['off', 'required']);
    expect(valuesOf('--tls-cert')).toBe('file');
    expect(valuesOf('--record')).toBe('folder');
    expect(valuesOf('--drain')).toBe('text');
    expect(valuesOf('--stately')).toBeNull();
  });

  it('leaves out hidden commands', async () => {
    expect((await described()).some(({ path }) => path.includes('inspect'))).toBe(false);
  });
});

describe('In bash', () => {
  const script = (lines: readonly string[]) => `
source ./script
complete -p ixgate >/dev/null || exit 1
for line in ${lines.map((line) => `'${line}'`).join(' ')}; do
  read -ra COMP_WORDS <<< "$line"
  [[ $line == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
  _ixgate
  echo "== $line"
  printf '%s\\n' "\${COMPREPLY[@]}"
done
`;
  const bash = ['bash', '--norc'];

  test('commands, options and values are completed', async () => {
    await using folder = await folderFor('bash');
    const lines = script(Object.keys(expected));
    expect(await completionsOf(bash, lines, folder.path)).toEqual(expected);
  });

  test('every option of every command is completed', async () => {
    await using folder = await folderFor('bash');
    const every = await everyWord();
    expect(await completionsOf(bash, script(Object.keys(every)), folder.path)).toEqual(every);
  });

  test('files and folders are completed, with blanks in their names', async () => {
    await using folder = await folderFor('bash');
    const found = await completionsOf(
      bash,
      script(['ixgate serve --tls-cert a', 'ixgate serve --record a', 'ixgate report a']),
      folder.path,
    );
    expect(found).toEqual({
      'ixgate serve --tls-cert a': ['a file.json', 'a folder'],
      'ixgate serve --record a': ['a folder'],
      'ixgate report a': ['a file.json', 'a folder'],
    });
  });

  test('the value after = is completed, and after -- any command', async () => {
    await using folder = await folderFor('bash');
    const words = (line: string) => `
COMP_WORDS=(${line}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _ixgate
echo '== ${line.replaceAll("'", '')}'; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const lines = ['ixgate serve --answer = n', 'ixgate conform-client -- complet'].map(words);
    const found = await completionsOf(bash, `source ./script${lines.join('')}`, folder.path);
    expect(found['ixgate serve --answer = n']).toEqual(['none']);
    // The builtin of bash, not ixgate completion.
    expect(found['ixgate conform-client -- complet']).toEqual(['complete']);
  });

  test('the Tab key completes in an interactive shell', async () => {
    if (!(await has('script'))) return;
    await using folder = await folderFor('bash');
    await writeFile(join(folder.path, 'start'), 'source ./script; echo READY');
    await using terminal = new Terminal('bash --norc --noprofile -i', folder.path);
    await terminal.seen('$ ');
    terminal.type('. ./start\n');
    await terminal.seen('READY\r\n');
    terminal.type('ixgate figures ru\t');
    await terminal.seen('ixgate figures run ');
    terminal.type('--regi\t');
    await terminal.seen('--registration-timeout ');
  });
});

describe('In fish', () => {
  const script = (lines: readonly string[]) => `
source ./script
for line in ${lines.map((line) => `'${line}'`).join(' ')}
  echo "== $line"
  complete -C "$line" | string replace -r '\\t.*' ''
end
true
`;
  const fish = ['fish', '--no-config'];

  test('commands, options and values are completed', async () => {
    if (!(await has('fish'))) return;
    await using folder = await folderFor('fish');
    const lines = script(Object.keys(expected));
    expect(await completionsOf(fish, lines, folder.path)).toEqual(expected);
  });

  test('every option of every command is completed', async () => {
    if (!(await has('fish'))) return;
    await using folder = await folderFor('fish');
    const every = await everyWord();
    expect(await completionsOf(fish, script(Object.keys(every)), folder.path)).toEqual(every);
  });

  test('files and folders are completed', async () => {
    if (!(await has('fish'))) return;
    await using folder = await folderFor('fish');
    const lines = ['ixgate serve --tls-cert a', 'ixgate serve --record a', 'ixgate report a'];
    const found = await completionsOf(fish, script(lines), folder.path);
    expect(found['ixgate serve --tls-cert a']?.join()).toMatch(/a(\\)? file\.json/);
    expect(found['ixgate serve --record a']?.join()).toMatch(/^a(\\)? folder\/$/);
    expect(found['ixgate report a']?.join()).toMatch(/a(\\)? file\.json/);
  });
});

describe('In zsh', () => {
  test('the Tab key completes commands, options, values and files', async () => {
    if (!(await has('zsh')) || !(await has('script'))) return;
    await using folder = await folderFor('zsh');
    await writeFile(
      join(folder.path, 'start'),
      `PROMPT='$ '; autoload -U compinit; compinit -D -u; source ./script; print READY`,
    );
    await using terminal = new Terminal('zsh -f -i', folder.path);
    await terminal.seen('$ ');
    terminal.type('. ./start\n');
    await terminal.seen('READY\r\n');
    for (const [typed, completed] of [
      ['ixgate ser', 've '],
      ['ixgate figures r', 'un '],
      ['ixgate serve --log-lev', 'el '],
      ['ixgate serve --name-policy pr', 'obe '],
      ['ixgate report a\\ fi', 'le.json'],
      ['ixgate completion f', 'ish '],
    ] as const) {
      terminal.type(typed);
      await terminal.seen(typed);
      terminal.type('\t');
      await terminal.seen(completed);
      // Empties the line.
      terminal.type('\u0015\n');
      await terminal.seen('$ ');
    }
  });

  test('the script is valid', async () => {
    if (!(await has('zsh'))) return;
    await using folder = await folderFor('zsh');
    await expect(run('zsh', ['-n', 'script'], { cwd: folder.path })).resolves.toMatchObject({
      stderr: '',
    });
  });
});

test('An unknown shell is a usage error', async () => {
  const { code, stderr } = await ixgate(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish",
  );
});
