import { createPrivateKey, generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import ipaddr from 'ipaddr.js';
import { der, objectId, partsOf, sequence, tags, time } from './der.js';

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
  /** The certificate that signs it, with a P-256 key. @default the certificate signs itself */
  readonly ca?: CertificateAndKey;
}

/** A generated certificate; `ca` is the certificate to trust. */
export interface SelfSigned extends CertificateAndKey {
  readonly ca: string;
}

const day = 86_400_000;

/**
 * Generates a certificate (EC P-256, valid for a year from yesterday) for experiments and tests. A self-signed certificate may sign others
 * too. Not for production: other machines do not trust it. Packages that generate certificates bring 23 others, and Node has all but
 * the form: docs/decisions/0017-packages.md.
 */
export async function selfSigned(options: SelfSignedOptions = {}): Promise<SelfSigned> {
  const { subject = 'localhost', hosts = ['localhost', '127.0.0.1', '::1'], ca } = options;
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
  });
  const name = nameOf(subject);
  // Clocks differ, so it is valid from yesterday.
  const from = new Date(Date.now() - day);
  const to = options.notAfter ?? new Date(Date.now() + 364 * day);
  const toSign = sequence(
    der(tags.constructedChoice(0), version3),
    der(tags.integer, serialNumber()),
    ecdsaWithSha256,
    ca ? subjectOf(ca.cert) : name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(tags.constructedChoice(3), sequence(...extensionsOf(hosts, !ca))),
  );
  const signature = sign('sha256', toSign, ca ? createPrivateKey(ca.key) : privateKey);
  const cert = pem(sequence(toSign, ecdsaWithSha256, bits(signature)));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { cert, key, ca: ca?.cert ?? cert };
}

const version3 = der(tags.integer, Buffer.from([2]));
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

/** Positive and without leading zeros, so that it needs no padding. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** A distinguished name with a common name. */
function nameOf(commonName: string): Buffer {
  const attribute = sequence(objectId('2.5.4.3'), der(tags.utf8, Buffer.from(commonName)));
  return sequence(der(tags.set, attribute));
}

/** The subject of a certificate, as it must be written in those that it signs. */
function subjectOf(cert: string): Buffer {
  const [toSign = Buffer.of()] = partsOf(new X509Certificate(cert).raw);
  return partsOf(toSign)[5] ?? Buffer.of();
}

function extensionsOf(hosts: readonly string[], signs: boolean): Buffer[] {
  const yes = der(tags.boolean, Buffer.from([0xff]));
  const extension = (id: string, value: Buffer, ...critical: Buffer[]) =>
    sequence(objectId(id), ...critical, der(tags.octetString, value));
  // Bits from the left: digitalSignature is bit 0, keyCertSign bit 5.
  const usage = Buffer.from(signs ? [2, 0b1000_0100] : [7, 0b1000_0000]);
  const serverAndClient = sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2'));
  return [
    extension('2.5.29.19', signs ? sequence(yes) : sequence(), yes),
    extension('2.5.29.15', der(tags.bitString, usage), yes),
    extension('2.5.29.37', serverAndClient),
    ...(hosts.length > 0 ? [extension('2.5.29.17', sequence(...hosts.map(alternativeName)))] : []),
  ];
}

function alternativeName(host: string): Buffer {
  if (isIP(host) === 0) return der(tags.choice(2), Buffer.from(host, 'ascii'));
  return der(tags.choice(7), Buffer.from(ipaddr.parse(host).toByteArray()));
}

function bits(bytes: Buffer): Buffer {
  return der(tags.bitString, Buffer.from([0]), bytes);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
