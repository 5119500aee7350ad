import { describe, expect, test } from 'vitest';
import { OptionError } from '../../adapters/runtime/errors.js';
import type { ValidationContext } from '../../adapters/server/index.js';
import { certificateName } from '../../adapters/validators/index.js';
import { context, request } from './question.js';

const holding = (subject: Record<string, unknown>, subjectaltname?: string): ValidationContext =>
  context({ scheme: 'tls', certificate: { subject, subjectaltname } as never });

const noCertificate = { valid: false, reason: 'no client certificate' };

describe('the subject CN', () => {
  test('must be the clientName, letter for letter', () => {
    const validator = certificateName();
    expect(validator(request(), holding({ CN: 'desk-1' }))).toEqual({ valid: true });
    expect(validator(request(), holding({ CN: 'Desk-1' }))).toEqual({
      valid: false,
      reason: 'the client certificate\'s name (CN) is "Desk-1"',
    });
    expect(validator(request(), holding({ CN: '*' }))).toMatchObject({ valid: false });
  });

  test('may be one of several', () => {
    const validator = certificateName({ field: 'CN' });
    expect(validator(request(), holding({ CN: ['other', 'desk-1'] }))).toEqual({ valid: true });
    expect(validator(request({ clientName: 'x' }), holding({ CN: ['a', 'b'] }))).toEqual({
      valid: false,
      reason: 'the client certificate\'s name (CN) is "a", "b"',
    });
  });

  test('that is missing refuses the client, and so does a missing certificate', () => {
    const validator = certificateName();
    expect(validator(request(), holding({ O: 'Site' }))).toEqual({
      valid: false,
      reason: 'the client certificate has no name (CN)',
    });
    expect(validator(request(), context())).toEqual(noCertificate);
    // What Node gives for a peer without a certificate.
    expect(validator(request(), context({ certificate: {} as never }))).toEqual(noCertificate);
  });
});

describe('the alternative names', () => {
  const validator = certificateName({ field: 'SAN' });
  const granted = (clientName: string, names: string) =>
    validator(request({ clientName }), holding({ CN: 'cn' }, names));

  test('grant a DNS name and an e-mail address', () => {
    const names = 'DNS:desk-1, IP Address:127.0.0.1, email:desk@site.example, URI:urn:desk-9';
    for (const name of ['desk-1', 'desk@site.example']) {
      expect(granted(name, names), name).toEqual({ valid: true });
    }
    for (const name of ['127.0.0.1', 'urn:desk-9', 'cn', 'desk']) {
      expect(granted(name, names), name).toMatchObject({ valid: false });
    }
  });

  test('cannot be forged by a comma within a name', () => {
    const names = 'email:"x, DNS:admin", URI:"http://a/, DNS:root", DNS:"with, comma"';
    expect(granted('admin', names)).toMatchObject({ valid: false });
    expect(granted('root', names)).toMatchObject({ valid: false });
    expect(granted('with, comma', names)).toEqual({ valid: true });
    expect(granted('desk-1', 'othername:<unsupported>, DNS:desk-1')).toEqual({ valid: true });
  });

  test('that are missing refuse the client', () => {
    expect(granted('cn', '')).toMatchObject({ valid: false });
  });
});

test('another field is refused when it is asked for', () => {
  expect(() => certificateName({ field: 'O' as 'CN' })).toThrow(OptionError);
});
