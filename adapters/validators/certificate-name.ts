import { abridged } from '../../machines/text/format.js';
import { commonNamesOf } from '../net/transports/peer.js';
import { OptionError } from '../runtime/errors.js';
import { invalid, type ValidationContext, type Validator, valid } from '../server/validator.js';

export interface CertificateNameOptions {
  /** The field with the name: subject CN, or the DNS and e-mail alternative names. @default 'CN' */
  readonly field?: 'CN' | 'SAN' | undefined;
}

/**
 * Grants clients whose clientName equals the name in their verified certificate exactly (mutual TLS: the server needs a `ca`).
 * Wildcards in a certificate are literal.
 */
export function certificateName({ field = 'CN' }: CertificateNameOptions = {}): Validator {
  if (field !== 'CN' && field !== 'SAN') {
    throw new OptionError('certificateName field', field, 'CN or SAN');
  }
  return ({ clientName }, { certificate }) => {
    if (!certificate?.subject) return invalid('no client certificate');
    const names = field === 'CN' ? commonNamesOf(certificate) : alternativeNames(certificate);
    if (names.includes(clientName)) return valid;
    if (names.length === 0) return invalid(`the client certificate has no name (${field})`);
    const held = names.map((name) => abridged(name)).join(', ');
    return invalid(`the client certificate's name (${field}) is ${held}`);
  };
}

type Certificate = NonNullable<ValidationContext['certificate']>;

const entry = /(?:^|, )(DNS|email|[^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)/gy;

/**
 * Parses the DNS and e-mail names in Node's text form, `DNS:desk-1, email:"a, DNS:b"`. Values with a comma or a quote are JSON strings:
 * splitting at every comma would let a certificate claim other names.
 */
function alternativeNames({ subjectaltname = '' }: Certificate): string[] {
  const names: string[] = [];
  for (const [, kind, value = ''] of subjectaltname.matchAll(entry)) {
    if (kind !== 'DNS' && kind !== 'email') continue;
    names.push(value.startsWith('"') ? (JSON.parse(value) as string) : value);
  }
  return names;
}
