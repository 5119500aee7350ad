import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { redactMessage, redactorFor, secretNames } from '../../../machines/index.js';

/** What is left of a message with this attribute. */
function shown(name: string, redact = redactMessage): unknown {
  return redact({ messageName: 'X', [name]: 'hunter2' })[name];
}

const masked = [
  ...['pwd', 'pass', 'passphrase', 'passcode', 'pin', 'otp', 'jwt', 'auth', 'bearer', 'cookie'],
  ...['sessionId', 'session_id', 'SESSION-ID', 'sessionid', 'sessionID', 'Session Id'],
  ...['userPin', 'auth_token', 'X-Auth', 'USER_PIN', 'PINCode', 'pin2', 'userJWT', 'JWTs', 'OTPs'],
  ...['Set-Cookie', 'cookies', 'passPhrase', 'pass-code', 'login.pass', 'userPwd', 'oldPINs'],
  // As before these.
  ...['password', 'agentPasswords', 'passwd', 'clientSecret', 'accesstoken', 'credentials'],
  ...['Authorization', 'private_key', 'privateKey', 'API-Key', 'apikeys'],
];

const shownAsIs = [
  ...[
    'opinion',
    'author',
    'authority',
    'passenger',
    'compass',
    'bypass',
    'pinned',
    'spin',
    'shipping',
  ],
  ...['session', 'id', 'sessionIdentity', 'idSession', 'forbearer', 'cookiejar', 'adopt'],
  ...['name', 'key', 'value', 'clientName', 'referenceId', 'mediaType', '', '密码', '__proto_'],
];

describe('T90: secrets are masked wherever a message is shown', () => {
  it.each(masked)('T90: %s is masked', (name) => {
    expect(shown(name)).toBe('***');
  });

  it.each(shownAsIs)('T90: "%s" is shown', (name) => {
    expect(shown(name)).toBe('hunter2');
  });

  it('T90: the value of a pair is masked when its name is that of a secret, at any depth', () => {
    const pairs = [
      { name: 'password', value: 'hunter2' },
      { key: 'userPin', value: 1234 },
      { Name: 'X-Auth', Value: { any: 'hunter2' }, type: 'str' },
      { NAME: 'jwt', VALUES: ['hunter2'] },
      { name: 'desk-1', value: 'shown' },
      { name: 'password' },
      { value: 'shown', key: 'opinion' },
      { name: 'shown', key: 'pin', value: 'hunter2' },
    ];
    const message = { messageName: 'X', pairs, deep: [[{ pairs }]], name: 'otp', value: 'hunter2' };
    const given = structuredClone(message);
    const expected = [
      { name: 'password', value: '***' },
      { key: 'userPin', value: '***' },
      { Name: 'X-Auth', Value: '***', type: 'str' },
      { NAME: 'jwt', VALUES: '***' },
      ...pairs.slice(4, 7),
      { name: 'shown', key: 'pin', value: '***' },
    ];
    expect(redactMessage(message)).toEqual({
      messageName: 'X',
      pairs: expected,
      deep: [[{ pairs: expected }]],
      name: 'otp',
      value: '***',
    });
    expect(message).toEqual(given);
  });

  it('T90: further names are found by their words, beside those that are known', () => {
    const redact = redactorFor(['ssn', 'cardNumber', '密码', '']);
    for (const name of [
      'SSN',
      'customerSsn',
      'ssns',
      'card_number',
      'Card-Numbers',
      'cardnumber',
    ]) {
      expect(shown(name, redact), name).toBe('***');
      expect(shown(name), name).toBe('hunter2');
    }
    expect(shown('密码', redact)).toBe('***');
    for (const name of ['password', 'pin']) expect(shown(name, redact)).toBe('***');
    for (const name of ['cards', 'number', 'lessn', ''])
      expect(shown(name, redact)).toBe('hunter2');
    const pair = redact({ messageName: 'X', list: [{ name: 'ssn', value: 'hunter2' }] });
    expect(pair.list).toEqual([{ name: 'ssn', value: '***' }]);
  });

  it('T90: what is decided of a name stays so, however many others a client sends', () => {
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 1_500; index += 1)
        redactMessage({ messageName: 'X', [`a${index}`]: 1 });
      expect(['userPin', 'opinion', 'password'].map((name) => shown(name))).toEqual([
        '***',
        'hunter2',
        '***',
      ]);
    }
  });

  it('T90: a name made to be slow is not', () => {
    const name = `${'A'.repeat(200_000)}a${'Aa'.repeat(100_000)}s`;
    const begin = performance.now();
    expect(shown(name)).toBe('hunter2');
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  it('T90: the documentation lists the names', async () => {
    const docs = await readFile(new URL('../../../docs/feed.md', import.meta.url), 'utf8');
    const [, section = ''] = /## What is masked\n(.*)/s.exec(docs) ?? [];
    const [, words = ''] = /whole words: (.*?)\./s.exec(section) ?? [];
    expect([...words.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(secretNames);
  });
});
