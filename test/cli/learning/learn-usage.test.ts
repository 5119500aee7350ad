import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.js';
import { ixgate } from '../in-process.js';

describe('ixgate learn with bad input', () => {
  const client = '{"clientName":"desk-1","clientType":"AgentApplication"}';
  it.each([
    ['nonsense', 'invalid endpoint "nonsense"'],
    ['tcp://127.0.0.1:1 --budget soon', '--budget is "soon"; allowed: a number of connections'],
    ['tcp://127.0.0.1:1 --budget 0', '--budget is "0"'],
    ['tcp://127.0.0.1:1 --oracle guess', 'Allowed choices are wp, w, hsi, random'],
    ['tcp://127.0.0.1:1 --extra-states 9', '--extra-states'],
    ['tcp://127.0.0.1:1 --known FOLDER/missing', 'missing: cannot be read: file not found'],
    ['tcp://127.0.0.1:1 --known FOLDER/empty', 'has no .json file'],
    ['tcp://127.0.0.1:1 --known FOLDER/damaged', 'damaged.json'],
    ['tcp://127.0.0.1:1 --mapper FOLDER/missing.ts', 'file not found'],
    ['', 'expected an endpoint'],
    ['tcp://127.0.0.1:1 --from a.log', 'expected an endpoint'],
    ['tcp://127.0.0.1:1 --format dot --json', '--format and --json cannot be combined'],
    ['tcp://127.0.0.1:1 --protocol mqtt-connect --mapper a.ts', 'cannot be combined; choose one'],
    [`tcp://127.0.0.1:1 --protocol mqtt-connect --valid ${client}`, '--valid cannot be combined'],
    ['tcp://127.0.0.1:1 --mapper a.ts --rejection-timeout 1s', 'cannot be combined with --mapper'],
    ['tcp://127.0.0.1:1 --value password=secret', '--value needs --protocol or --mapper'],
    ['--from a.log --connections 5', '--connections cannot be combined with --from'],
  ])('is refused: %s', async (args, problem) => {
    await using folder = await temporaryFolder();
    const file = (name: string) => join(folder.path, name);
    await mkdir(file('empty'), { recursive: true });
    await mkdir(file('damaged'), { recursive: true });
    await writeFile(file('damaged/damaged.json'), '{"kind":"ixgate-learned"');
    const given = args.replace('FOLDER', folder.path).split(' ').filter(Boolean);
    const ran = await ixgate(['learn', ...given]);
    expect(ran.code).toBe(2);
    expect(`${ran.stdout}${ran.stderr}`).toContain(problem);
  });

  it('cannot reach a server', async () => {
    const ran = await ixgate(['learn', 'tcp://127.0.0.1:1']);
    expect(ran).toMatchObject({ code: 5, stdout: '' });
    expect(ran.stderr).toContain('tcp://127.0.0.1:1 could not be reached');
  });
});
