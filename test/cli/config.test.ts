import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.js';
import { ixgate } from './in-process.js';

describe('ixgate config', () => {
  it('prints each option with its value and its source: flag, variable, line and column, default', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'ixgate.config.yaml'), 'drain: 1s\nworkers: 2\n');
    const options = { cwd: folder.path, env: { IXGATE_MAX_ERRORS: '4' } };
    const { code, stdout } = await ixgate(['config', '--json', '--ws-ping', '9s'], options);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      wsPing: { value: '9s', from: '--ws-ping' },
      maxErrors: { value: '4', from: 'IXGATE_MAX_ERRORS' },
      drain: { value: '1s', from: 'ixgate.config.yaml:1:8' },
      workers: { value: 2, from: 'ixgate.config.yaml:2:10' },
      rejectionTimeout: { value: '5s', from: 'default' },
      clients: { value: null, from: 'default' },
    });
    const text = await ixgate(['config', '--ws-ping', '9s'], options);
    expect(text.stdout).toMatch(/^drain +1s +ixgate\.config\.yaml:1:8$/m);
  });

  it('prints with --changed only what differs from the defaults', async () => {
    await using folder = await temporaryFolder();
    const json = '{\n  "drain": "5s",\n  "workers": 1, "maxErrors": 3\n}\n';
    await writeFile(join(folder.path, 'ixgate.config.json'), json);
    const args = ['config', '--changed', '--json', '--ws-ping', '9s', '--answer', 'ack'];
    const { stdout } = await ixgate(args, { cwd: folder.path });
    expect(JSON.parse(stdout)).toEqual({
      wsPing: { value: '9s', from: '--ws-ping' },
      maxErrors: { value: 3, from: 'ixgate.config.json:3:30' },
    });
  });

  it('masks tokens and passwords', async () => {
    const env = {
      IXGATE_ADMIN_TOKEN: 'correct-horse-battery',
      IXGATE_VALIDATOR: 'https://gate:password@host.example/',
    };
    for (const json of [[], ['--json']]) {
      const { stdout } = await ixgate(['config', '--changed', ...json], { env });
      expect(stdout).toContain('***');
      expect(stdout).not.toMatch(/correct-horse|password/);
    }
  });

  it('checks with --check: exit code 0, or 2 with all problems', async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    await writeFile(at('gate.yaml'), 'drain: 1s\nclients: clients.yaml\n');
    await writeFile(at('clients.yaml'), 'clients: []\n');
    const args = ['config', '--check', '--config', at('gate.yaml')];
    expect(await ixgate(args)).toEqual({
      code: 0,
      stdout: `the configuration is valid: ${at('gate.yaml')}\n`,
      stderr: '',
    });
    await writeFile(at('gate.yaml'), 'drain: soon\nclients: clients.yaml\ntlsCert: a.pem\n');
    await writeFile(at('clients.yaml'), 'clients: all\n');
    const wrong = await ixgate(args);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    const lines = wrong.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const text of [
      'gate.yaml:1: drain is "soon"',
      'tlsCert needs tlsKey',
      'a.pem',
      'clients is "all"',
    ])
      expect(wrong.stderr).toContain(text);
    const machine = await ixgate([...args, '--json']);
    expect(JSON.parse(machine.stdout)).toMatchObject({
      valid: false,
      problems: [{ code: 'BAD_CONFIG' }, {}, {}, { code: 'BAD_FILE' }],
    });
    // Without --check the answer is the same: a table of a configuration that cannot run would mislead.
    expect(await ixgate(['config', '--config', at('gate.yaml')])).toEqual(wrong);
  });

  it.each([
    ['an option that is not valid', 'adminToken: short\n'],
    ['a file that is a list', '- drain: 1s\n'],
    ['a file that cannot be parsed', 'drain: [1s\n'],
  ])('says nothing about options together after %s', async (_what, yaml) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'gate.yaml');
    await writeFile(path, yaml);
    const flags = ['--admin-public-url', 'https://gate.example'];
    const { stdout } = await ixgate(['config', '--json', '--config', path, ...flags]);
    expect(JSON.parse(stdout).problems).toHaveLength(1);
  });

  it('reports a file that cannot be parsed with the line', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'gate.json'), '{\n  "drain": \n}\n');
    const { code, stderr } = await ixgate(['config', '--config', join(folder.path, 'gate.json')]);
    expect(code).toBe(2);
    expect(stderr).toContain('gate.json:3: invalid JSON');
  });
});
