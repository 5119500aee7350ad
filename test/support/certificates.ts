import { type SelfSigned, selfSigned } from '../../adapters/net/transports/self-signed.js';

/** Certificates for tests, generated on demand; none is read from a file. */
export interface TestCertificates {
  /** The certificate authority that all peers trust. */
  readonly ca: string;
  /** For localhost, 127.0.0.1 and ::1, signed by the authority. */
  readonly server: SelfSigned;
  /** A client certificate, signed by the authority. */
  client(commonName: string): Promise<SelfSigned>;
  /** A self-signed client certificate that no peer trusts. */
  untrustedClient(commonName: string): Promise<SelfSigned>;
}

export async function testCertificates(): Promise<TestCertificates> {
  const authority = await selfSigned({ subject: 'ixgate test authority', hosts: [] });
  return {
    ca: authority.cert,
    server: await selfSigned({ ca: authority }),
    client: (subject) => selfSigned({ subject, hosts: [], ca: authority }),
    untrustedClient: (subject) => selfSigned({ subject, hosts: [] }),
  };
}
