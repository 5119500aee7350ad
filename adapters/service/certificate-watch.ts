import { X509Certificate } from 'node:crypto';
import type { TlsFiles } from '../net/transports/transport.js';
import type { Log } from './log.js';

const day = 86_400_000;
/** Days before the expiry of a certificate from which on the log warns. */
const warnDays = 14;

/** Warns in the log when the server's certificate has expired or will soon: when it is loaded, and then once a day. */
export class CertificateWatch {
  readonly #log: Pick<Log, 'warn'>;
  readonly #timer: NodeJS.Timeout;
  #expiry: number | null = null;

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
    this.#timer = setInterval(() => this.#check(), day).unref();
  }

  /** The earliest expiry of the certificates in the chain, in Unix seconds; null without a certificate. */
  get expiry(): number | null {
    return this.#expiry;
  }

  loaded(tls: TlsFiles | undefined): void {
    this.#expiry = tls?.cert === undefined ? null : expiryOf(String(tls.cert));
    this.#check();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    if (this.#expiry === null) return;
    const left = this.#expiry * 1_000 - Date.now();
    if (left > warnDays * day) return;
    const notAfter = new Date(this.#expiry * 1_000).toISOString();
    const what = left <= 0 ? 'expired' : 'expires';
    this.#log.warn(
      `the TLS certificate ${what} at ${notAfter}; renew the certificate of --tls-cert`,
      {
        event: 'certificate-expiry',
        notAfter,
        daysLeft: Math.floor(left / day),
      },
    );
  }
}

function expiryOf(chain: string): number | null {
  const pems = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const ends = pems.map((pem) => Date.parse(new X509Certificate(pem).validTo) / 1_000);
  return ends.length === 0 ? null : Math.min(...ends);
}
