import { isIP } from 'node:net';

/** A certificate and its key, as PEM texts. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

export interface SelfSignedOptions {
  /** The common name. @default 'localhost' */
  readonly subject?: string;
  /** Names and addresses of the certificate; an empty list for a client certificate. @default localhost, 127.0.0.1, ::1 */
  readonly hosts?: readonly string[];
  /** When the certificate expires. @default in 364 days */
  readonly notAfter?: Date;
  /** The certificate that signs it. @default the certificate signs itself */
  readonly ca?: CertificateAndKey;
}

/** A generated certificate; `ca` is the certificate to trust. */
export interface SelfSigned extends CertificateAndKey {
  readonly ca: string;
}

const day = 86_400_000;

/**
 * Generates a certificate (EC P-256, valid for a year from yesterday) for experiments and tests. A self-signed certificate may sign others
 * too. Not for production: other machines do not trust it.
 */
export async function selfSigned(options: SelfSignedOptions = {}): Promise<SelfSigned> {
  const { subject = 'localhost', hosts = ['localhost', '127.0.0.1', '::1'], ca } = options;
  // This module takes longer to load than all other modules of a client or a gate.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: escaped(subject) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // Clocks differ, so it is valid from yesterday.
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: options.notAfter ?? new Date(Date.now() + 364 * day),
    extensions: [
      { name: 'basicConstraints', cA: !ca, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: !ca, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      ...(hosts.length > 0
        ? [{ name: 'subjectAltName' as const, altNames: hosts.map(alternativeName) }]
        : []),
    ],
    ...(ca && { ca: { cert: ca.cert, key: ca.key } }),
  });
  return { cert: made.cert, key: made.private, ca: ca?.cert ?? made.cert };
}

function alternativeName(host: string) {
  return isIP(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host };
}

/** Escapes the separators of a distinguished name (RFC 4514). */
function escaped(commonName: string): string {
  return commonName.replace(/[,+"\\<>;=#]/g, '\\$&');
}
