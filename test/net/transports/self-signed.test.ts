import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../../adapters/net/transports/self-signed.js';

const day = 86_400_000;

describe('A generated certificate', () => {
  it('is for this machine, from yesterday for a year, and signed by itself', async () => {
    const { cert, ca } = await selfSigned();
    const read = new X509Certificate(cert);
    expect(ca).toBe(cert);
    expect(read.subject).toBe('CN=localhost');
    expect(read.issuer).toBe('CN=localhost');
    expect(read.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(read.ca).toBe(true);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkIssued(read)).toBe(true);
    const [from, to] = [Date.parse(read.validFrom), Date.parse(read.validTo)];
    expect(Math.abs(from - (Date.now() - day))).toBeLessThan(60_000);
    expect(Math.abs(to - (Date.now() + 364 * day))).toBeLessThan(60_000);
  });

  it('is signed by an authority, for which OpenSSL accepts it and for no other', async () => {
    const authority = await selfSigned({
      subject: 'An authority, with "signs" + ümlauts',
      hosts: [],
    });
    const signed = await selfSigned({ subject: 'desk-1', ca: authority });
    const [read, issuer] = [new X509Certificate(signed.cert), new X509Certificate(authority.cert)];
    expect(read.issuer).toBe(issuer.subject);
    expect(read.checkIssued(issuer)).toBe(true);
    expect(read.verify(issuer.publicKey)).toBe(true);
    expect(read.ca).toBe(false);
    expect(signed.ca).toBe(authority.cert);
    expect(issuer.subjectAltName).toBeUndefined();
    const server = createServer({ cert: signed.cert, key: signed.key }, (socket) => socket.end());
    server.on('tlsClientError', () => {});
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const visit = async (ca: string, servername: string) => {
      const socket = connect({ port, host: '127.0.0.1', ca, servername });
      try {
        await once(socket, 'secureConnect');
        return 'accepted';
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      } finally {
        socket.destroy();
      }
    };
    expect(await visit(authority.cert, 'localhost')).toBe('accepted');
    expect(await visit(authority.cert, 'gate.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await visit((await selfSigned()).cert, 'localhost')).toMatch(
      /UNABLE_TO_VERIFY|CERT_SIGNATURE/,
    );
    server.close();
  });

  it.each(['2049-12-31T23:59:59.000Z', '2050-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'])(
    'expires when it should: %s',
    async (text) => {
      const { cert } = await selfSigned({ notAfter: new Date(text) });
      expect(new Date(new X509Certificate(cert).validTo).toISOString()).toBe(text);
    },
  );

  it('has lengths of one, two and three bytes, and another serial number each time', async () => {
    const numbers = new Set<string>();
    for (const length of [1, 60, 200, 5_000]) {
      const host = `${'a'.repeat(length)}.example`;
      const { cert } = await selfSigned({ subject: 'x'.repeat(length), hosts: [host] });
      const read = new X509Certificate(cert);
      expect(read.subjectAltName).toBe(`DNS:${host}`);
      expect(read.verify(read.publicKey)).toBe(true);
      numbers.add(read.serialNumber);
    }
    expect(numbers.size).toBe(4);
  });
});
