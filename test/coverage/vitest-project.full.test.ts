/** The setup of the docs in a separate project: vitest runs as a process, and the command reads what it wrote. */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';

const form = `import { setup } from 'xstate';
export const form = setup({
  types: { events: {} as { type: 'SUBMIT'; name: string } | { type: 'EDIT' } | { type: 'SENT' } },
  guards: { isComplete: ({ event }) => event.type === 'SUBMIT' && event.name !== '' },
}).createMachine({
  id: 'form',
  initial: 'editing',
  states: {
    editing: { on: { SUBMIT: [{ guard: 'isComplete', target: 'sending' }, { target: 'invalid' }] } },
    invalid: { on: { EDIT: 'editing' } },
    sending: { after: { 1000: 'failed' }, on: { SENT: 'sent' } },
    failed: { on: { EDIT: 'editing' } },
    sent: { type: 'final' },
  },
});
`;

/** The code of the docs that begins with a comment. */
async function codeInDocs(beginning: string): Promise<string> {
  for (const name of (await readdir('docs')).filter((one) => one.endsWith('.md'))) {
    const text = await readFile(join('docs', name), 'utf8');
    const blocks = text.matchAll(/^```ts\n([\s\S]*?)^```$/gm);
    for (const [, code = ''] of blocks) if (code.startsWith(beginning)) return code;
  }
  throw new Error(`no code in docs begins with ${beginning}`);
}

async function project() {
  const folder = await temporaryFolder();
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  };
  const packages = { ixgate: '.', vitest: 'node_modules/vitest', xstate: 'node_modules/xstate' };
  await mkdir(join(folder.path, 'node_modules'));
  for (const [name, target] of Object.entries(packages)) {
    await symlink(resolve(target), join(folder.path, 'node_modules', name));
  }
  await write('package.json', '{ "type": "module" }');
  await write('src/form.ts', form);
  for (const name of ['test/chart-coverage.ts', 'vitest.config.ts', 'test/form.test.ts']) {
    await write(name, await codeInDocs(`// ${name}\n`));
  }
  const run = (...args: string[]) => runNode(args, { cwd: folder.path, env: { VITEST: '' } });
  return Object.assign(folder, { write, run });
}

describe('the setup of the docs', () => {
  it('covers what the tests of a project use, for a check in CI', async () => {
    await using folder = await project();
    await folder.write(
      'test/refused.test.ts',
      (await codeInDocs('// test/form.test.ts\n'))
        .replace('Ada', '')
        .replace("'sending'", "'invalid'"),
    );
    const tested = await folder.run('node_modules/vitest/vitest.mjs', 'run');
    expect(tested.stderr).toBe('');
    expect(tested.code).toBe(0);
    expect(await readdir(join(folder.path, 'coverage/charts'))).toHaveLength(2);
    const command = [program, 'coverage', '--machine', 'src/form.ts', 'coverage/charts'];
    const { code, stdout } = await folder.run(...command, '--min-transitions', '50');
    expect(code).toBe(6);
    expect(stdout).toContain('states            3 of 5\ntransitions       2 of 6\n');
    expect(stdout).toContain('results of guards 2 of 2\n');
    expect(stdout).toContain('transitions: 33.3 % are covered, the minimum is 50 %');
    expect((await folder.run(...command, '--min-transitions', '33')).code).toBe(0);
  });

  it('records events that can be counted', async () => {
    await using folder = await project();
    await folder.write(
      'test/form.test.ts',
      `${await codeInDocs('// record.ts\n')}
import { it } from 'vitest';
it('is used', () => {
  actor.send({ type: 'SUBMIT', name: 'Ada' });
  actor.send({ type: 'SENT' });
});`,
    );
    const tested = await folder.run('node_modules/vitest/vitest.mjs', 'run');
    expect(tested.code).toBe(0);
    const command = [program, 'coverage', '--machine', 'src/form.ts', 'events.jsonl', '--json'];
    expect(JSON.parse((await folder.run(...command)).stdout)).toMatchObject({
      sessions: 1,
      states: { missing: ['invalid', 'failed'] },
      transitions: { covered: 2 },
    });
  });
});
