import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import { FileError } from '../../files/file-error.js';
import { readRegular } from '../../files/regular-file.js';
import { isWildcard } from '../../net/hosts.js';
import { type Check, type Finding, fail, orOk, warn } from '../check.js';

const day = 86_400_000;
/** Days before the expiry from which on a certificate should be renewed. */
const renewDays = 14;
const renew = 'renew the certificate; the gate takes the new files without a restart';
/** The extended key usage "server authentication". */
const serverAuth = '1.3.6.1.5.5.7.3.1';

export const certificates: Check = {
  id: 'certificates',
  title: 'Certificates',
  description:
    'the files of --tls-cert, --tls-key and --tls-ca can be read and belong together; the dates, the chain, the names and the strength of the keys',
  async run({ loaded: { config } }) {
    const { tlsCert, tlsKey, tlsCa, listen } = config;
    if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return [];
    const findings: Finding[] = [];
    const chain = await certificatesIn('--tls-cert', tlsCert, findings);
    const authorities = await certificatesIn('--tls-ca', tlsCa, findings);
    const key = await keyIn(tlsKey, findings);
    const hosts = listen
      .filter(({ scheme }) => scheme === 'tls' || scheme === 'wss')
      .map(({ host }) => host)
      .filter((host) => host !== '' && !isWildcard(host));
    findings.push(...chainFindings(chain, key, hosts, Date.now()));
    findings.push(
      ...authorities.flatMap((one) => dateFindings('an authority of --tls-ca', one, Date.now())),
    );
    const [server] = chain;
    if (!server) return findings;
    const names = server.subjectAltName?.replace(/\b(DNS|IP Address):/g, '') ?? 'no names';
    const until = new Date(server.validTo).toISOString().slice(0, 10);
    return orOk(findings, `valid until ${until}, for ${names}`);
  },
};

/**
 * The findings about the certificate of the server.
 * @param chain the server's certificate first
 * @param hosts names and addresses by which clients connect, where they are known
 * @param now milliseconds since 1970
 */
export function chainFindings(
  chain: readonly X509Certificate[],
  key: KeyObject | null,
  hosts: readonly string[],
  now: number,
): Finding[] {
  const [server] = chain;
  if (!server) return [];
  return [
    ...chain.flatMap((one, index) =>
      dateFindings(index === 0 ? 'the certificate' : `certificate ${index + 1}`, one, now),
    ),
    ...keyFindings(server, key),
    ...nameFindings(server, hosts),
    ...orderFindings(chain),
    ...strengthFindings(server),
  ];
}

function dateFindings(what: string, one: X509Certificate, now: number): Finding[] {
  const [from, to] = [Date.parse(one.validFrom), Date.parse(one.validTo)];
  const name = `${what} (${nameOf(one)})`;
  if (now > to) return [fail(`${name} expired at ${new Date(to).toISOString()}`, renew)];
  if (now < from) {
    const start = new Date(from).toISOString();
    return [fail(`${name} is not valid before ${start}`, 'correct the clock, or wait')];
  }
  const days = Math.floor((to - now) / day);
  if (days >= renewDays) return [];
  return [warn(`${name} expires in ${days} days, at ${new Date(to).toISOString()}`, renew)];
}

function keyFindings(server: X509Certificate, key: KeyObject | null): Finding[] {
  if (key === null || server.checkPrivateKey(key)) return [];
  return [
    fail(
      'the key of --tls-key belongs to another certificate than that of --tls-cert',
      'use the key that the certificate was requested with',
    ),
  ];
}

function nameFindings(server: X509Certificate, hosts: readonly string[]): Finding[] {
  const fix = 'request a certificate with all names and addresses that clients use';
  if (server.subjectAltName === undefined) {
    return [fail('the certificate has no subject alternative name, which clients check', fix)];
  }
  const usage = server.keyUsage as readonly string[] | undefined;
  const forServers = usage === undefined || usage.includes(serverAuth);
  const wrong = hosts.filter((host) => {
    return (isIP(host) ? server.checkIP(host) : server.checkHost(host)) === undefined;
  });
  return [
    ...(forServers
      ? []
      : [
          fail(
            'the certificate is not for servers (extended key usage)',
            'request one for servers',
          ),
        ]),
    ...wrong.map((host) => warn(`the certificate is not for ${host}, where --listen listens`, fix)),
  ];
}

function orderFindings(chain: readonly X509Certificate[]): Finding[] {
  const fix = 'put the certificates in order: that of the server, then each one that issued it';
  const broken = chain.findIndex((one, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !one.checkIssued(issuer);
  });
  if (broken >= 0) {
    const text = `certificate ${broken + 2} of --tls-cert did not issue certificate ${broken + 1}`;
    return [fail(text, fix)];
  }
  const last = chain.at(-1);
  // Only certificates of public authorities state where their issuer is found; a private one is in the trust of the clients.
  const isPublic = last?.infoAccess?.includes('CA Issuers') === true;
  if (!last || last.checkIssued(last) || !isPublic || isRoot(last.issuer)) return [];
  return [
    warn(
      `the chain of --tls-cert ends at ${nameOf(last)}, without the certificate that issued it`,
      'append the intermediate certificates (fullchain.pem)',
    ),
  ];
}

function isRoot(issuer: string): boolean {
  return rootCertificates.some((pem) => new X509Certificate(pem).subject === issuer);
}

function strengthFindings({ publicKey }: X509Certificate): Finding[] {
  const { modulusLength = 0, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const fix = 'request a certificate with RSA 2048 or ECDSA P-256 or more';
  if (publicKey.asymmetricKeyType === 'rsa' && modulusLength < 2_048) {
    return [fail(`the key of the certificate has ${modulusLength} bits, which TLS refuses`, fix)];
  }
  const isShort = /(112|128|160|192|224)/.test(namedCurve ?? '');
  return isShort
    ? [fail(`the key of the certificate is on the weak curve ${namedCurve}`, fix)]
    : [];
}

async function certificatesIn(
  option: string,
  path: string | undefined,
  findings: Finding[],
): Promise<X509Certificate[]> {
  const text = await textOf(option, path, findings);
  if (text === null) return [];
  const pems = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const fix = 'use a PEM file of certificates';
  if (pems.length === 0) findings.push(fail(`${option} ${path} has no PEM certificate`, fix));
  return pems.flatMap((pem, index) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      findings.push(fail(`certificate ${index + 1} of ${option} ${path} is damaged`, fix));
      return [];
    }
  });
}

async function keyIn(path: string | undefined, findings: Finding[]): Promise<KeyObject | null> {
  const key = await textOf('--tls-key', path, findings);
  if (key === null) return null;
  try {
    // It has the rules of TLS, which may be stricter.
    createSecureContext({ key });
    return createPrivateKey(key);
  } catch (error) {
    const isEncrypted = /ENCRYPTED/.test(key);
    findings.push(
      isEncrypted
        ? fail(
            `the key of --tls-key ${path} is encrypted`,
            `openssl pkey -in ${path} -out key.pem, readable by the gate only`,
          )
        : fail(
            `the key of --tls-key ${path} cannot be used: ${(error as Error).message}`,
            'use a PEM file with the private key',
          ),
    );
    return null;
  }
}

async function textOf(
  option: string,
  path: string | undefined,
  findings: Finding[],
): Promise<string | null> {
  if (path === undefined) return null;
  try {
    return (await readRegular(path)).toString();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    findings.push(fail(`${option} ${error.message}`, 'correct the path or its permissions'));
    return null;
  }
}

function nameOf({ subject }: X509Certificate): string {
  return (subject ?? 'without a subject').replace(/\n/g, ', ');
}
