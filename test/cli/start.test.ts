import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../adapters/cli/commands.js';
import { Output } from '../../adapters/cli/output.js';
import { contextOf } from '../../adapters/cli/program.js';
import { runNode } from '../support/run-node.js';
import { program } from './ixgate.js';

/** The files that a command loads: Node lists them with their coverage. */
async function loadedBy(...args: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ixgate-start-'));
  try {
    const { code, stderr } = await runNode([program, ...args], {
      cwd: folder,
      env: { NODE_V8_COVERAGE: join(folder, 'coverage') },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const files = await readdir(join(folder, 'coverage'));
    const texts = await Promise.all(
      files.map((file) => readFile(join(folder, 'coverage', file), 'utf8')),
    );
    const urls = texts.flatMap((text) =>
      (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
    );
    return urls.filter((url) => url.startsWith('file:'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('A command loads only what it needs', () => {
  it('ixgate --version loads no package', async () => {
    const files = await loadedBy('--version');
    expect(files.length).toBeGreaterThan(1);
    expect(files.length).toBeLessThanOrEqual(4);
    expect(files.filter((file) => file.includes('/node_modules/'))).toEqual([]);
  });

  it('ixgate --help loads no command', async () => {
    const files = await loadedBy('--help');
    expect(files.length).toBeLessThanOrEqual(35);
    expect(files.filter((file) => /\/cli\/(serve|register|testing)/.test(file))).toEqual([]);
  });

  it('ixgate serve --help loads no gate and no other command', async () => {
    const files = await loadedBy('serve', '--help');
    expect(
      files.filter((file) =>
        /\/(pino|prom-client|ws)\/|\/service\/(gate|local-gate|log|reload)\.js/.test(file),
      ),
    ).toEqual([]);
    expect(files.filter((file) => /\/cli\/(register|testing|viz)/.test(file))).toEqual([]);
  });
});

it('The help shows of each command what the command itself has', async () => {
  const whole = await contextOf(new Output(false)).wholeProgram();
  const shown = whole.commands.map((command) => {
    const hasOptions = command.options.length > 0 ? ['[options]'] : [];
    const words = command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    });
    return { name: command.name(), usage: [...hasOptions, ...words].join(' ') };
  });
  expect(shown).toEqual(commands.map(({ name, usage }) => ({ name, usage })));
});
