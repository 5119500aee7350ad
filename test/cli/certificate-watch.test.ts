import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { selfSigned } from '../../adapters/net/transports/self-signed.js';
import { CertificateWatch } from '../../adapters/service/certificate-watch.js';
import { temporaryFolder } from '../support/folder.js';
import { serving } from './in-process.js';

const day = 86_400_000;

/** A certificate that expires after so many days, on a whole second. */
async function expiringIn(days: number) {
  const notAfter = new Date(Math.floor((Date.now() + days * day) / 1_000) * 1_000);
  return { notAfter, ...(await selfSigned({ notAfter })) };
}

afterEach(() => {
  vi.useRealTimers();
});

test('T52: a gate warns of a certificate that expires soon, at the start and at a reload, and has a metric of it', async () => {
  await using folder = await temporaryFolder();
  const [cert, key] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
  const soon = await expiringIn(3.5);
  await writeFile(cert, soon.cert);
  await writeFile(key, soon.key);
  await using gate = await serving([
    ...['--listen', 'tls://127.0.0.1:0', '--tls-cert', cert, '--tls-key', key],
    ...['--admin', 'http://127.0.0.1:0'],
  ]);
  expect(JSON.parse(gate.stdout.split('\n')[0] ?? '')).toMatchObject({
    event: 'certificate-expiry',
    level: 'warn',
    notAfter: soon.notAfter.toISOString(),
    daysLeft: 3,
  });
  const metrics = await fetch(`${gate.admin}/metrics`).then((answer) => answer.text());
  expect(metrics).toContain('# TYPE ixgate_tls_certificate_expiry_seconds gauge');
  expect(metrics).toContain(
    `ixgate_tls_certificate_expiry_seconds ${soon.notAfter.getTime() / 1_000}\n`,
  );
  gate.kill('SIGHUP');
  expect(await gate.event('certificate-expiry')).toMatchObject({ daysLeft: 3 });
});

test('T52: a running gate looks once a day: it warns from 14 days before the end, and after it', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  const warn = vi.fn();
  const watch = new CertificateWatch({ warn });
  watch.loaded(await expiringIn(15.5));
  vi.advanceTimersByTime(day);
  expect(warn).not.toHaveBeenCalled();
  vi.advanceTimersByTime(day);
  expect(warn.mock.lastCall?.[0]).toMatch(/^the TLS certificate expires at /);
  vi.advanceTimersByTime(14 * day);
  expect(warn).toHaveBeenCalledTimes(15);
  expect(warn.mock.lastCall?.[0]).toMatch(/^the TLS certificate expired at /);
  watch.close();
});

test('T52: no certificate, or one that is good for a year, is not warned of', async () => {
  const warn = vi.fn();
  const watch = new CertificateWatch({ warn });
  watch.loaded(undefined);
  expect(watch.expiry).toBeNull();
  watch.loaded(await selfSigned());
  expect(warn).not.toHaveBeenCalled();
  watch.close();
});
