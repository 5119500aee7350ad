import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { chainFindings } from '../../adapters/doctor/checks/certificates.js';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { temporaryFolder } from '../support/folder.js';
import { diagnosed } from './diagnosed.js';

const day = 86_400_000;
const run = promisify(execFile);

/** What the doctor finds about these files. */
async function findings(
  files: { cert: string; key: string },
  { listen = 'tls://127.0.0.1:0', clientCa }: { listen?: string; clientCa?: string } = {},
) {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await writeFile(at('cert.pem'), files.cert);
  await writeFile(at('key.pem'), files.key, { mode: 0o600 });
  if (clientCa !== undefined) await writeFile(at('ca.pem'), clientCa);
  const ca = clientCa === undefined ? [] : ['--tls-ca', at('ca.pem')];
  const args = [
    '--listen',
    listen,
    '--tls-cert',
    at('cert.pem'),
    '--tls-key',
    at('key.pem'),
    ...ca,
  ];
  const found = await diagnosed(args);
  return found.of('certificates').map(({ severity, text }) => `${severity}: ${text}`);
}

describe('The doctor looks at certificates', () => {
  it('and tells until when and for which names they are valid', async () => {
    const made = await selfSigned();
    const until = new Date(Date.now() + 364 * day).toISOString().slice(0, 10);
    expect(await findings(made)).toEqual([
      `ok: valid until ${until}, for localhost, 127.0.0.1, 0:0:0:0:0:0:0:1`,
    ]);
  });

  it('fails when one has expired, and warns 14 days before', async () => {
    const expired = await selfSigned({ notAfter: new Date(Date.now() - day / 2) });
    expect(await findings(expired)).toEqual([
      expect.stringMatching(/^fail: the certificate \(CN=localhost\) expired at \d{4}-/),
    ]);
    const soon = await selfSigned({ notAfter: new Date(Date.now() + 3.5 * day) });
    expect(await findings(soon)).toEqual([expect.stringContaining('warn: the certificate')]);
    expect((await findings(soon))[0]).toContain('expires in 3 days');
  });

  it('fails when a certificate is not valid yet: the clock is wrong', async () => {
    const { cert } = await selfSigned();
    const found = chainFindings([new X509Certificate(cert)], null, [], Date.now() - 30 * day);
    expect(found).toMatchObject([
      { severity: 'fail', text: expect.stringContaining('is not valid before') },
    ]);
  });

  it('fails when an authority of the clients has expired', async () => {
    const made = await selfSigned();
    const ca = await selfSigned({ subject: 'old', notAfter: new Date(Date.now() - day / 2) });
    expect((await findings(made, { clientCa: ca.cert }))[0]).toContain(
      'fail: an authority of --tls-ca (CN=old) expired',
    );
  });

  it('fails when the key belongs to another certificate', async () => {
    const [one, other] = [await selfSigned(), await selfSigned()];
    expect(await findings({ cert: one.cert, key: other.key })).toContain(
      'fail: the key of --tls-key belongs to another certificate than that of --tls-cert',
    );
  });

  it('warns of an address that the certificate does not name, and fails without any name', async () => {
    const made = await selfSigned({ hosts: ['gate.example'] });
    expect(await findings(made)).toEqual([
      'warn: the certificate is not for 127.0.0.1, where --listen listens',
    ]);
    // Behind the wildcard address the names are unknown.
    expect((await findings(made, { listen: 'tls://0.0.0.0:0' }))[0]).toContain('ok: valid until');
    const nameless = await selfSigned({ hosts: [] });
    expect((await findings(nameless))[0]).toContain('fail: the certificate has no subject');
  });

  it('fails when the chain is in the wrong order', async () => {
    const ca = await selfSigned({ subject: 'authority', hosts: [] });
    const { cert, key } = await selfSigned({ ca });
    expect(await findings({ cert: `${cert}${ca.cert}`, key })).toEqual([
      expect.stringContaining('ok: valid'),
    ]);
    const other = await selfSigned({ subject: 'other', hosts: [] });
    expect(await findings({ cert: `${cert}${other.cert}`, key })).toEqual([
      'fail: certificate 2 of --tls-cert did not issue certificate 1',
    ]);
  });

  it('fails for a damaged certificate and a file without one', async () => {
    const { cert, key } = await selfSigned();
    const [first = ''] = await findings({ cert: cert.replace(/\n.{20}/, '\nAAAA'), key });
    expect(first).toContain('is damaged');
    expect(await findings({ cert: key, key })).toEqual([
      expect.stringContaining('has no PEM certificate'),
    ]);
  });
});

describe('With certificates of openssl the doctor', () => {
  /** A certificate with its key, made by openssl. */
  async function made(key: string[], more: string[] = []) {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const subject = ['-subj', '/CN=gate', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '30'];
    const out = ['-keyout', at('key.pem'), '-out', at('cert.pem')];
    await run('openssl', ['req', '-x509', ...key, ...more, ...subject, ...out]);
    const read = (name: string) => readFile(at(name), 'utf8');
    return { cert: await read('cert.pem'), key: await read('key.pem') };
  }

  const hasOpenssl = run('openssl', ['version']).then(
    () => true,
    () => {
      console.warn('SKIPPED: openssl is not installed (Debian: apt-get install openssl)');
      return false;
    },
  );

  test('fails for weak keys', async () => {
    if (!(await hasOpenssl)) return;
    const weak = await made(['-newkey', 'rsa:1024', '-nodes']);
    expect(await findings(weak)).toContain(
      'fail: the key of the certificate has 1024 bits, which TLS refuses',
    );
    const strong = await made(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']);
    expect((await findings(strong))[0]).toContain('ok: valid until');
  });

  test('fails for an encrypted key', async () => {
    if (!(await hasOpenssl)) return;
    const locked = await made(['-newkey', 'rsa:2048', '-passout', 'pass:secret']);
    const found = await findings(locked);
    expect(found[0]).toMatch(/^fail: the key of --tls-key .*key\.pem is encrypted$/);
  });

  test('fails for a certificate that is not for servers', async () => {
    if (!(await hasOpenssl)) return;
    const usage = ['-addext', 'extendedKeyUsage=clientAuth'];
    const found = await findings(await made(['-newkey', 'rsa:2048', '-nodes'], usage));
    expect(found).toContain('fail: the certificate is not for servers (extended key usage)');
  });

  test('warns of a missing intermediate certificate of a public authority', async () => {
    if (!(await hasOpenssl)) return;
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const ca = await made(['-newkey', 'rsa:2048', '-nodes']);
    await writeFile(at('ca.pem'), ca.cert);
    await writeFile(at('ca.key'), ca.key);
    await writeFile(
      at('extensions'),
      'subjectAltName=IP:127.0.0.1\nauthorityInfoAccess=caIssuers;URI:http://ca.example/ca.crt\n',
    );
    const request = ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=server'];
    await run('openssl', [...request, '-keyout', at('key.pem'), '-out', at('request.pem')]);
    const signing = ['x509', '-req', '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '30'];
    const paths = ['-in', at('request.pem'), '-out', at('cert.pem'), '-extfile', at('extensions')];
    await run('openssl', [...signing, ...paths]);
    const cert = await readFile(at('cert.pem'), 'utf8');
    const key = await readFile(at('key.pem'), 'utf8');
    expect(await findings({ cert, key })).toEqual([
      'warn: the chain of --tls-cert ends at CN=server, without the certificate that issued it',
    ]);
    expect((await findings({ cert: `${cert}${ca.cert}`, key }))[0]).toContain('ok: valid until');
  });
});
