import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSuite, ServerModel, suiteOf } from '../../machines/index.js';
import { ixgate } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';

const generate = (args: readonly string[]) => ixgate(['generate', ...args]);

describe('ixgate generate', () => {
  it('writes a suite that is read as it was generated, and reports the files', async () => {
    await using folder = await temporaryFolder();
    const out = join(folder.path, 'a', 'b');
    const { code, stdout, stderr } = await generate([
      '--criterion',
      'pairs',
      '--answers',
      'none',
      '--out',
      out,
    ]);
    const suite = suiteOf(new ServerModel({ answers: 'none' }), 'pairs');
    const path = join(out, 'pairs.suite.jsonl');
    expect(stderr).toBe('');
    expect(stdout).toBe(
      `pairs: 71 cases with 274 inputs, written to ${path}\nThis suite ${suite.guarantee}.\n`,
    );
    expect(code).toBe(0);
    const { header, cases } = await readSuite((await readFile(path, 'utf8')).split('\n'));
    expect(header.answers).toBe('none');
    const found = [];
    for await (const one of cases) found.push(one);
    expect(found).toEqual([...suite]);
    expect(await readdir(out)).toEqual(['pairs.suite.jsonl']);
  });

  it('reports the same as JSON, also for several files, and overwrites generated files', async () => {
    await using folder = await temporaryFolder();
    const args = ['--criterion', 'w1', '--format', 'mermaid', '--out', folder.path, '--json'];
    const runs = [await generate(args), await generate(args)];
    for (const { code, stdout } of runs) {
      expect(code).toBe(0);
      const said = JSON.parse(stdout);
      expect(said).toMatchObject({
        criterion: 'w1',
        format: 'mermaid',
        cases: 181,
        steps: 598,
        seed: null,
      });
      expect(said.files).toHaveLength(4);
    }
    expect((await readdir(folder.path)).sort()).toEqual([
      'w1-1.md',
      'w1-2.md',
      'w1-3.md',
      'w1-4.md',
    ]);
  });

  it('does not overwrite other files', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'w0.test.ts');
    await writeFile(path, 'mine\n');
    const { code, stderr } = await generate([
      '--criterion',
      'w0',
      '--format',
      'vitest',
      '--out',
      folder.path,
    ]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `ixgate: ${path} is there already and was not made by ixgate generate; move it, or choose another folder with --out\n`,
    );
    expect(await readFile(path, 'utf8')).toBe('mine\n');
  });

  it.each<[string, readonly string[], string]>([
    [
      'an unknown criterion',
      ['--criterion', 'w3'],
      '--criterion: there is no criterion "w3"; allowed: states, transitions, pairs, w0, w1, w2, random:N with N from 1 to 100000',
    ],
    [
      'an unknown format',
      ['--format', 'pdf'],
      "argument 'pdf' is invalid. Allowed choices are json, vitest, mermaid, gherkin",
    ],
    [
      'an invalid seed',
      ['--criterion', 'random:5', '--seed', '4294967296'],
      '--seed is "4294967296"; allowed: a whole number from 0 to 4294967295',
    ],
    [
      'a seed for what draws nothing',
      ['--seed', '3'],
      '--seed is for --criterion random:N; w1 draws nothing',
    ],
    [
      'a file instead of the folder',
      ['--out', resolve('package.json')],
      'is no folder; allowed: a folder, which is made when it is not there',
    ],
    [
      'a folder that cannot be made',
      ['--out', '/proc/ixgate/x'],
      '--out /proc/ixgate/x cannot be made: ',
    ],
  ])('reports %s, with the allowed values', async (_name, args, message) => {
    const { code, stdout, stderr } = await generate(args);
    expect(stderr).toContain(message);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

/** A project with ixgate and vitest. */
async function project(criterion: string) {
  const folder = await temporaryFolder();
  const modules = join(folder.path, 'node_modules');
  await mkdir(modules);
  await symlink(resolve('.'), join(modules, 'ixgate'));
  await symlink(resolve('node_modules/vitest'), join(modules, 'vitest'));
  const { code } = await generate([
    '--criterion',
    criterion,
    '--format',
    'vitest',
    '--out',
    join(folder.path, 'generated'),
  ]);
  expect(code).toBe(0);
  const vitest = resolve('node_modules/vitest/vitest.mjs');
  return {
    ...folder,
    run: (env: NodeJS.ProcessEnv) =>
      runNode([vitest, 'run', `generated/${criterion}.test.ts`], { cwd: folder.path, env }),
  };
}

describe.concurrent('a generated vitest file', () => {
  it('runs unchanged, against a gate that it starts itself', async () => {
    await using transitions = await project('transitions');
    const { code, stdout, stderr } = await transitions.run({ IXGATE_TARGET: '' });
    expect(`${stdout}${stderr}`).toMatch(/Tests {2}11 passed \(11\)/);
    expect(code).toBe(0);
  }, 120_000);

  it('finds a server that acknowledges every client, and reports the mistake', async () => {
    const server = createPlainServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        for (const line of data.toString().trim().split('\n')) {
          const { referenceId } = JSON.parse(line);
          socket.write(`${JSON.stringify({ messageName: 'EventAck', referenceId })}\n`);
        }
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const { port } = server.address() as { port: number };
      await using states = await project('states');
      const { code, stdout, stderr } = await states.run({
        IXGATE_TARGET: `tcp://127.0.0.1:${port}`,
        IXGATE_REGISTRATION_TIMEOUT: '2000',
        IXGATE_REJECTION_TIMEOUT: '1000',
      });
      expect(`${stdout}${stderr}`).toMatch(
        /'The server acknowledged a client that is not valid\.'|"The server acknowledged a client that is not valid\."/,
      );
      expect(code).toBe(1);
    } finally {
      server.close();
    }
  }, 120_000);

  it.each([
    ['IXGATE_VALID', 'desk'],
    ['IXGATE_INVALID', '{"clientType":"Robot"}'],
    ['IXGATE_TARGET', 'http://127.0.0.1'],
    ['IXGATE_REJECTION_TIMEOUT', 'soon'],
  ])('says what is wrong with %s', async (name, value) => {
    const { serverUnderTest } = await import('../../adapters/tester/index.js');
    const env = { IXGATE_TARGET: 'tcp://127.0.0.1:9', [name]: value };
    await expect(serverUnderTest({ env })).rejects.toThrow(
      value.includes('Robot') ? 'Robot' : value,
    );
  });
});
