import { abridged } from '../../machines/index.js';
import { commonNamesOf } from '../net/transports/peer.js';
import { OptionError } from '../runtime/errors.js';
import { invalid, type ValidationContext, type Validator, valid } from '../server/validator.js';

export interface CertificateNameOptions {
  /** Where the certificate carries the name: subject CN, or one of its DNS and e-mail alternative names. @default 'CN' */
  readonly field?: 'CN' | 'SAN' | undefined;
}

/**
 * Grants the clients whose clientName is the name in their verified certificate, letter for letter (mutual TLS: the server
 * must have a `ca`). Wildcards in a certificate match nothing but themselves.
 */
export function certificateName({ field = 'CN' }: CertificateNameOptions = {}): Validator {
  if (field !== 'CN' && field !== 'SAN') {
    throw new OptionError('certificateName field', field, 'CN or SAN');
  }
  return ({ clientName }, { certificate }) => {
    if (!certificate?.subject) return invalid('no client certificate');
    const names = field === 'CN' ? commonNamesOf(certificate) : alternativeNames(certificate);
    if (names.includes(clientName)) return valid;
    const held = names.map((name) => abridged(name)).join(', ') || 'none';
    return invalid(`the client certificate's name (${field}) is ${held}`);
  };
}

type Certificate = NonNullable<ValidationContext['certificate']>;

const entry = /(?:^|, )(DNS|email|[^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)/gy;

/**
 * The DNS and e-mail names in Node's text form, `DNS:desk-1, email:"a, DNS:b"`. A value with a comma or a quote in it stands
 * there as a JSON string: taking it apart at every comma would let a certificate claim names it does not have.
 */
function alternativeNames({ subjectaltname = '' }: Certificate): string[] {
  const names: string[] = [];
  for (const [, kind, value = ''] of subjectaltname.matchAll(entry)) {
    if (kind !== 'DNS' && kind !== 'email') continue;
    names.push(value.startsWith('"') ? (JSON.parse(value) as string) : value);
  }
  return names;
}
