import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadedConfig, loadConfig } from '../../adapters/config/index.js';
import { temporaryFolder } from '../support/folder.js';

const url = 'redis://gate:old@127.0.0.1:6379/2';

/** Loads flags in a new folder with these files. */
async function load(
  flags: Record<string, string>,
  files: Record<string, string> = {},
): Promise<LoadedConfig> {
  await using folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder.path, name), content);
  }
  return await loadConfig({ folder: folder.path, flags });
}

describe('the options of a cluster', () => {
  it('become those of the directory, and the node is the host name by default', async () => {
    const { directory } = await load({ directory: url, cluster: 'prod', lease: '10s' });
    expect(directory).toMatchObject({
      ...{ store: url, cluster: 'prod', lease: 10_000, onLoss: 'close', claimsOnLoss: 'refuse' },
      node: expect.stringMatching(/^[\w.-]{1,64}$/),
    });
  });

  it.each(['rediss+sentinel://a:1,b:2/main', 'rediss+cluster://a:1', 'tls://a,b?replicas=3'])(
    'take the URL of every kind of store: %s',
    async (directory) => {
      expect((await load({ directory })).directory).toMatchObject({ store: directory });
    },
  );

  it('never show a password with the signs of a URL', async () => {
    const { effective } = await load({ directory: 'redis://u:se?c#r/et@h:1' });
    expect(effective.find(({ key }) => key === 'directory')?.value).toBe('redis://***@h:1');
  });

  it('make no directory without a store', async () => {
    expect((await load({})).directory).toBeNull();
  });

  it('replace the password of the URL, and read it and the certificates from files', async () => {
    const files = { secret: 'a/b@c\n', 'ca.pem': 'certificates' };
    const given = { directory: url, directoryPassword: '@secret', directoryCa: 'ca.pem' };
    expect((await load(given, files)).directory).toMatchObject({
      store: 'redis://gate:a%2Fb%40c@127.0.0.1:6379/2',
      ca: 'certificates',
    });
  });

  it('never show a password', async () => {
    const { effective } = await load({ directory: url, directoryPassword: 'hidden' });
    const shown = effective.filter(({ key }) => key.startsWith('directory'));
    expect(JSON.stringify(shown)).not.toMatch(/old|hidden/);
    expect(JSON.stringify(shown)).toContain('redis://***@127.0.0.1:6379/2');
  });

  it.each([
    [{ directory: 'http://x' }, /directory is "http:\/\/x"; allowed: memory, redis:/],
    [{ node: 'a' }, /node needs directory, the store that gates share/],
    [{ directory: 'memory', node: 'a b' }, /node is "a b"; allowed: 1 to 64 letters/],
    [{ directory: 'memory', lease: '10ms' }, /lease is "10ms"/],
    [{ directory: 'memory', onDirectoryLoss: 'stay' }, /allowed: close, keep/],
    [{ directory: url, directoryPassword: '@missing' }, /directoryPassword .*missing/],
  ])('are refused with the value and what is allowed: %j', async (flags, message) => {
    await expect(load(flags as Record<string, string>)).rejects.toThrow(message);
  });
});
