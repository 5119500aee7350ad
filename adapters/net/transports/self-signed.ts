import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { asn1 } from 'node-forge';

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
  /** The certificate that signs it: one that this function made. @default the certificate signs itself */
  readonly ca?: CertificateAndKey;
}

/** A generated certificate; `ca` is the certificate to trust. */
export interface SelfSigned extends CertificateAndKey {
  readonly ca: string;
}

const day = 86_400_000;

/**
 * Generates a certificate (RSA 2048, valid for a year from yesterday) for experiments and tests. A self-signed certificate may sign others
 * too. Not for production: other machines do not trust it.
 */
export async function selfSigned(options: SelfSignedOptions = {}): Promise<SelfSigned> {
  const { subject = 'localhost', hosts = ['localhost', '127.0.0.1', '::1'], ca } = options;
  // This module is larger than all other modules of a client or a gate.
  const { asn1: types, md, pki, util } = (await import('node-forge')).default;
  // Node generates keys faster, and beside other work.
  const { publicKey, privateKey: key } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const made = pki.createCertificate();
  made.publicKey = pki.publicKeyFromPem(publicKey);
  // Positive, because of the first digit.
  made.serialNumber = `1${randomBytes(15).toString('hex')}`;
  // Clocks differ, so it is valid from yesterday.
  made.validity.notBefore = new Date(Date.now() - day);
  made.validity.notAfter = options.notAfter ?? new Date(Date.now() + 364 * day);
  // The type declarations have another enumeration here.
  const valueTagClass = types.Type.UTF8 as number as asn1.Class;
  const issuer: string = ca ? pki.certificateFromPem(ca.cert).subject.getField('CN').value : '';
  const nameFrom = (value: string) => [{ shortName: 'CN', value, valueTagClass }];
  made.setSubject(nameFrom(subject));
  made.setIssuer(nameFrom(ca ? util.decodeUtf8(issuer) : subject));
  made.setExtensions([
    { name: 'basicConstraints', cA: !ca, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyCertSign: !ca, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    ...(hosts.length > 0 ? [{ name: 'subjectAltName', altNames: hosts.map(nameOf) }] : []),
  ]);
  made.sign(pki.privateKeyFromPem(ca?.key ?? key), md.sha256.create());
  const cert = pki.certificateToPem(made).replaceAll('\r', '');
  return { cert, key, ca: ca?.cert ?? cert };
}

function nameOf(host: string) {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
