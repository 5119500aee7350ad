import { describe, expect, it, test } from 'vitest';
import { type Flags, inspectConfig } from '../../adapters/config/index.js';
import { settings } from '../../adapters/doctor/checks/configuration.js';
import { contradictions } from '../../adapters/doctor/contradictions.js';
import { System } from '../../adapters/doctor/index.js';
import { temporaryFolder } from '../support/folder.js';

async function found(flags: Flags): Promise<string[]> {
  await using folder = await temporaryFolder();
  const loaded = await inspectConfig({ folder: folder.path, flags });
  const { signal } = new AbortController();
  const findings = await settings.run({ loaded, system: new System(), signal });
  return findings.map(({ severity, text }) => `${severity}: ${text}`);
}

/** A configuration for each contradiction, and what its finding begins with. */
const odd: readonly (readonly [Flags, string])[] = [
  [{ trustProxy: ['10.0.0.1'], listen: ['tcp://127.0.0.1:1'] }, '--trust-proxy has no effect'],
  [{ trustProxy: ['0.0.0.0/0'] }, '--trust-proxy trusts every address'],
  [{ exempt: ['::/0'] }, '--exempt has every address'],
  [
    { admin: 'http://0.0.0.0:7080', adminToken: 'correct-horse-battery' },
    '--admin http://0.0.0.0:7080 is plain HTTP',
  ],
  [{ listen: ['tcp://0.0.0.0:7004'] }, 'any name may register, from other machines too'],
  [
    { rejectionTimeout: '20s' },
    '--rejection-timeout (20.0 s) is longer than --registration-timeout (10.0 s)',
  ],
  [
    { validator: 'http://127.0.0.1/', validatorTimeout: '1m' },
    '--validator-timeout is longer than --registration-timeout',
  ],
  [{ validatorTimeout: '1s' }, '--validator-timeout has no effect'],
  [{ maxUnregistered: '100:30:500', maxConnections: '50' }, '--max-unregistered begins above'],
  [{ maxUnregistered: '10:30:500', maxConnections: '50' }, '--max-unregistered allows more'],
  [
    { maxUnregisteredPerAddress: '600' },
    '--max-unregistered-per-address is above --max-unregistered-per-prefix',
  ],
  [{ maxFrameUnregistered: '1MiB' }, '--max-frame-unregistered is above --max-frame'],
  [{ maxUnsentUnregistered: '2MiB' }, '--max-unsent-unregistered is above --max-unsent'],
  [{ recordSync: 'always' }, '--record-sync, --record-size'],
  [{ record: 'recordings' }, 'recordings are kept until the disk is full'],
  [{ disconnectRemoved: true }, '--disconnect-removed has no effect'],
  [{ socketMode: '660' }, '--socket-mode has no effect'],
  [{ tlsCert: 'cert.pem', tlsKey: 'key.pem' }, '--tls-cert has no effect'],
  [
    { allowOrigin: ['https://desk.example'], listen: ['tcp://127.0.0.1:1'] },
    '--allow-origin has no effect',
  ],
  [{ allowOrigin: ['*'] }, '--allow-origin *'],
  [{ allowInject: true }, '--allow-inject lets every viewer'],
  [{ drain: '60s', drainDelay: '30s' }, '--drain-delay and --drain take 1 min 30 s'],
  [{ logLevel: 'silent' }, '--log-level silent'],
];

describe('Settings that contradict each other', () => {
  test.each(odd)('%j: %s', async (flags, text) => {
    expect(await found(flags)).toEqual([expect.stringContaining(`warn: ${text}`)]);
  });

  it('have a configuration here each', () => {
    expect(odd).toHaveLength(contradictions.length);
  });

  it('are not found in the defaults', async () => {
    expect(await found({})).toEqual(['ok: no contradictions']);
  });

  it('are found all at once', async () => {
    expect(await found({ logLevel: 'silent', socketMode: '660', allowInject: true })).toHaveLength(
      3,
    );
  });
});
