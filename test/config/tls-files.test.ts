import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../adapters/config/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';

let made: TestCertificates;
beforeAll(async () => {
  made = await testCertificates();
});

async function load(flags: Record<string, string>) {
  await using folder = await temporaryFolder();
  const other = await made.client('other');
  const files = {
    'cert.pem': made.server.cert,
    'key.pem': made.server.key,
    'other.pem': other.key,
    'ca.pem': made.ca,
    'text.pem': 'nothing of the kind',
    'cut.pem': `${made.ca}${made.ca.slice(0, 200)}`,
    'torn.pem': made.ca.replace(/^(.*\n).*\n/, '$1'),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder.path, name), text);
  }
  const loaded = await loadConfig({ folder: folder.path, flags }).then(
    ({ tls }) => ({ tls, message: '' }),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ConfigError);
      return { tls: null, message: (error as ConfigError).message.replaceAll(folder.path, '') };
    },
  );
  return loaded;
}

describe('the TLS files', () => {
  test('are read as PEM texts', async () => {
    const { tls } = await load({ tlsCert: 'cert.pem', tlsKey: 'key.pem', tlsCa: 'ca.pem' });
    expect(tls).toEqual({ cert: made.server.cert, key: made.server.key, ca: made.ca });
  });

  test.each([
    [
      { tlsCert: 'no.pem', tlsKey: 'key.pem' },
      '--tls-cert: tlsCert /no.pem: cannot be read: file not found',
    ],
    [
      { tlsCert: 'cert.pem', tlsKey: 'text.pem' },
      '--tls-key: tlsKey /text.pem contains no PEM private key',
    ],
    [
      { tlsCa: 'cut.pem' },
      '--tls-ca: tlsCa /cut.pem: the certificates to trust cannot be used: one of them is cut off',
    ],
    [
      { tlsCa: 'torn.pem' },
      '--tls-ca: tlsCa /torn.pem: the certificates to trust cannot be used: certificate 1 is invalid',
    ],
    [{ tlsCa: 'key.pem' }, '--tls-ca: tlsCa /key.pem contains no PEM certificate'],
    [
      { tlsCert: 'cert.pem', tlsKey: 'other.pem' },
      '--tls-cert: tlsCert /cert.pem and tlsKey /other.pem cannot be used together: the key belongs to another certificate',
    ],
  ])('%j are rejected at the start', async (flags, message) => {
    expect((await load(flags as Record<string, string>)).message).toBe(message);
  });
});
