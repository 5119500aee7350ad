import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type ConfigError,
  type ConfigInput,
  limitKeys,
  loadConfig,
} from '../../adapters/config/index.js';
import { defaultLimits } from '../../adapters/server/index.js';
import { temporaryFolder } from '../support/folder.js';

/** Loads the configuration in a new folder with these files. */
async function load(input: Omit<ConfigInput, 'folder'>, files: Record<string, string> = {}) {
  await using folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder.path, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
  }
  const loaded = await loadConfig({ folder: folder.path, ...input });
  const from = Object.fromEntries(loaded.effective.map((one) => [one.key, one.from]));
  const value = Object.fromEntries(loaded.effective.map((one) => [one.key, one.value]));
  return { ...loaded, from, value, folder: folder.path };
}

const problem = (...args: Parameters<typeof load>): Promise<Error> =>
  load(...args).then(
    () => new Error('nothing was wrong'),
    (error) => error,
  );

describe('without anything said', () => {
  test('every option has the default that its help tells', async () => {
    const { config, from } = await load({});
    expect(config).toEqual({
      listen: [
        { scheme: 'tcp', host: '127.0.0.1', port: 7004, path: '/' },
        { scheme: 'ws', host: '127.0.0.1', port: 7005, path: '/' },
      ],
      admin: 'http://127.0.0.1:7080',
      allowInject: false,
      inspector: false,
      stately: false,
      workers: 1,
      runner: 'table',
      cluster: 'ixgate',
      lease: 6_000,
      onDirectoryLoss: 'close',
      claimsOnDirectoryLoss: 'refuse',
      shareLimits: true,
      registrationTimeout: 10_000,
      rejectionTimeout: 5_000,
      validatorTimeout: 5_000,
      certificateName: false,
      drain: 5_000,
      drainDelay: 0,
      disconnectRemoved: false,
      namePolicy: 'probe',
      proxyProtocol: 'off',
      wsPing: 25_000,
      wsPingTimeout: 10_000,
      writeTimeout: 10_000,
      turnBudget: 5,
      maxLag: 500,
      maxConnections: 16_384,
      maxUnregistered: { from: 1_000, percent: 30, full: 5_000 },
      maxUnregisteredPerAddress: 128,
      maxUnregisteredPerPrefix: 512,
      prefixLengths: { ipv4: 24, ipv6: 48 },
      exempt: ['127.0.0.0/8', '::1/128'],
      recordSync: '1s',
      recordSize: 67_108_864,
      recordAge: 3_600_000,
      registrationRate: { perSecond: 20, burst: 100 },
      errorRate: { perSecond: 10, burst: 100 },
      maxErrors: 16,
      proxyClients: 0,
      maxValidations: 64,
      maxFrame: 65_536,
      maxFrameUnregistered: 8_192,
      maxDepth: 32,
      maxAttributes: 256,
      maxUnsent: 1_048_576,
      maxUnsentUnregistered: 65_536,
      penaltyRefused: 5_000,
      penaltySilent: 1_000,
      penaltyTimeout: 10_000,
      penaltyProtocolError: 10_000,
      penaltyMin: 15_000,
      penaltyMax: 600_000,
      penaltySources: 65_536,
      answer: 'ack',
      logLevel: 'info',
      logSize: 67_108_864,
      logKeep: 10,
    });
    expect(new Set(Object.values(from))).toEqual(new Set(['default']));
  });
});

describe('where a value comes from', () => {
  const files = { 'ixgate.config.yaml': 'drain: 1s\nmaxFrame: 1KiB\nrejectionTimeout: 7s\n' };
  const env = { IXGATE_DRAIN: '2s', IXGATE_MAX_FRAME: '2KiB' };

  test('a flag goes before a variable, a variable before the file, the file before the default', async () => {
    const { config, from } = await load({ flags: { drain: '3s' }, env }, files);
    expect(config).toMatchObject({
      drain: 3_000,
      maxFrame: 2_048,
      rejectionTimeout: 7_000,
      registrationTimeout: 10_000,
    });
    expect(from).toMatchObject({
      drain: '--drain',
      maxFrame: 'IXGATE_MAX_FRAME',
      rejectionTimeout: 'ixgate.config.yaml:3',
      registrationTimeout: 'default',
    });
  });

  test('a list is separated by commas in a variable, repeated as a flag, and taken whole from one place', async () => {
    const listen = 'tcp://127.0.0.1:1, ws://127.0.0.1:2/ix';
    const fromEnv = await load({ env: { IXGATE_LISTEN: listen } });
    expect(fromEnv.config.listen.map(({ port, path }) => [port, path])).toEqual([
      [1, '/'],
      [2, '/ix'],
    ]);
    const flags = { listen: ['tcp://127.0.0.1:3'] };
    const fromFlag = await load({ flags, env: { IXGATE_LISTEN: listen } });
    expect(fromFlag.config.listen.map(({ port }) => port)).toEqual([3]);
  });

  test('an empty variable is as good as none', async () => {
    expect((await load({ env: { IXGATE_DRAIN: '' } })).config.drain).toBe(5_000);
  });

  test('the file may be JSON or YAML, may be named, and paths in it start from its folder', async () => {
    const json = '{\n  "drain": "1s",\n  "clients": "lists/a.json"\n}';
    for (const [name, content] of [
      ['ixgate.config.json', json],
      ['ixgate.config.yml', 'drain: 1s\nclients: lists/a.json'],
    ] as const) {
      const { config, folder } = await load({}, { [name]: content });
      expect(config).toMatchObject({ drain: 1_000, clients: join(folder, 'lists/a.json') });
    }
    for (const input of [
      { configFile: 'etc/gate.json' },
      { env: { IXGATE_CONFIG: 'etc/gate.json' } },
    ]) {
      const { config, folder, from } = await load(input, { 'etc/gate.json': json });
      expect(config.clients).toBe(join(folder, 'etc/lists/a.json'));
      expect(from.clients).toBe('etc/gate.json:3');
    }
    const { config, folder } = await load({ flags: { clients: 'a.json' } });
    expect(config.clients).toBe(join(folder, 'a.json'));
  });

  test('error codes are a map in the file and name=number elsewhere', async () => {
    const yaml = 'errorCodes:\n  invalid-client: 102\n  server-busy: -6\n';
    expect((await load({}, { 'ixgate.config.yaml': yaml })).config.errorCodes).toEqual({
      'invalid-client': 102,
      'server-busy': -6,
    });
    const flags = { errorCodes: ['invalid-client=102', 'server-busy = -6'] };
    expect((await load({ flags })).config.errorCodes).toEqual({
      'invalid-client': 102,
      'server-busy': -6,
    });
  });

  test('a limit is a number, or numbers with colons, in each place', async () => {
    const yaml =
      'maxErrors: 3\nproxyClients: 50\nmaxUnregistered: 10:50:100\nregistrationRate: "5:9"\n';
    expect((await load({}, { 'ixgate.config.yaml': yaml })).config).toMatchObject({
      maxErrors: 3,
      proxyClients: 50,
      maxUnregistered: { from: 10, percent: 50, full: 100 },
      registrationRate: { perSecond: 5, burst: 9 },
    });
    const env = { IXGATE_MAX_ERRORS: '4', IXGATE_PREFIX_LENGTHS: '16:32' };
    expect((await load({ env, flags: { errorRate: '1:1' } })).config).toMatchObject({
      maxErrors: 4,
      prefixLengths: { ipv4: 16, ipv6: 32 },
      errorRate: { perSecond: 1, burst: 1 },
    });
  });

  test('who is exempt is a list, or none', async () => {
    const exempt = async (...args: Parameters<typeof load>) => (await load(...args)).config.exempt;
    expect(await exempt({ env: { IXGATE_EXEMPT: '10.0.0.0/8, ::1' } })).toEqual([
      '10.0.0.0/8',
      '::1',
    ]);
    expect(await exempt({ flags: { exempt: ['none'] } })).toEqual([]);
    expect(await exempt({}, { 'ixgate.config.yaml': 'exempt: none' })).toEqual([]);
    expect(await exempt({}, { 'ixgate.config.yaml': 'exempt: []' })).toEqual([]);
  });

  test('trusted proxies are a list with blocks and unix; the PROXY protocol needs one', async () => {
    const { config } = await load({
      env: { IXGATE_TRUST_PROXY: '10.0.0.0/8, ::1, unix' },
      flags: { proxyProtocol: 'required' },
    });
    expect(config.trustProxy).toEqual(['10.0.0.0/8', '::1', 'unix']);
    expect(config.proxyProtocol).toBe('required');
    expect(String(await problem({ flags: { proxyProtocol: 'required' } }))).toContain(
      '--proxy-protocol: proxyProtocol is required, which needs trustProxy',
    );
    expect(String(await problem({ flags: { proxyProtocol: 'optional' } }))).toContain(
      '--proxy-protocol: proxyProtocol is "optional"; allowed: off, required',
    );
    expect(String(await problem({ flags: { trustProxy: ['10'] } }))).toContain(
      '--trust-proxy: trustProxy is ["10"]; allowed: addresses and blocks of addresses, or unix',
    );
  });

  test('endpoints may be unix sockets and inherited sockets; their mode is octal', async () => {
    const { config } = await load({
      flags: { listen: ['unix:///run/ix.sock', 'fd://3', 'tcp+systemd://clients'] },
      env: { IXGATE_SOCKET_MODE: '0660' },
    });
    expect(config.listen).toEqual([
      { scheme: 'unix', host: '', port: 0, path: '/run/ix.sock' },
      { scheme: 'tcp', host: '', port: 0, path: '/', inherited: 3 },
      { scheme: 'tcp', host: '', port: 0, path: '/', inherited: 'clients' },
    ]);
    expect(config.socketMode).toBe(0o660);
    expect(String(await problem({ flags: { socketMode: '999' } }))).toContain(
      '--socket-mode: socketMode is "999"; allowed: three octal digits, e.g. 660',
    );
  });

  test('switches are true or false', async () => {
    expect((await load({ env: { IXGATE_CERTIFICATE_NAME: 'false' } })).config.certificateName).toBe(
      false,
    );
    expect(String(await problem({ env: { IXGATE_CERTIFICATE_NAME: 'yes' } }))).toContain(
      'IXGATE_CERTIFICATE_NAME: certificateName is "yes"; allowed: true or false',
    );
  });

  test('the password in the URL of a webhook is used and never shown', async () => {
    const validator = 'https://gate:secret@host/validate?key=secret';
    const { config, value } = await load({ flags: { validator } });
    expect(config.validator).toBe(validator);
    expect(JSON.stringify(value)).not.toContain('secret');
    expect(value.validator).toBe('https://***@host/validate?***');
  });
});

describe('quantities', () => {
  test.each([
    ['1ms', 1],
    ['500ms', 500],
    ['5s', 5_000],
    ['1m', 60_000],
    ['1h', 3_600_000],
    ['24d', 2_073_600_000],
  ])('%s is %i ms', async (text, ms) => {
    expect((await load({ flags: { rejectionTimeout: text } })).config.rejectionTimeout).toBe(ms);
  });

  test.each([
    ['64B', 64],
    ['64KiB', 65_536],
    ['64MiB', 67_108_864],
  ])('%s is %i bytes', async (text, bytes) => {
    expect((await load({ flags: { maxFrame: text } })).config.maxFrame).toBe(bytes);
  });

  test.each(['0ms', '25d', '1.5s', '-1s', '5 s', '5S', '5min', 's', '', '1e3ms'])(
    '%j is not a valid deadline',
    async (text) => {
      expect((await problem({ flags: { rejectionTimeout: text } })).message).toBe(
        `--rejection-timeout: rejectionTimeout is ${JSON.stringify(text)}; allowed: 1ms to 24d, written like 500ms, 5s, 1m or 1h`,
      );
    },
  );

  test('a plain number is refused with the fix', async () => {
    expect((await problem({ flags: { registrationTimeout: '5' } })).message).toBe(
      '--registration-timeout: registrationTimeout is "5"; allowed: 1ms to 24d, written like 500ms, 5s, 1m or 1h; it has no unit, write 5ms or 5s',
    );
    expect((await problem({}, { 'ixgate.config.yaml': 'maxFrame: 64\n' })).message).toBe(
      'ixgate.config.yaml:1: maxFrame is 64; allowed: 64B to 64MiB, written like 512B, 64KiB or 1MiB; it has no unit, write 64B or 64KiB',
    );
  });

  test('no drain at all is allowed', async () => {
    expect((await load({ flags: { drain: '0ms' } })).config.drain).toBe(0);
  });
});

describe('the error for an invalid configuration has its place, key, value and what is allowed', () => {
  test.each<[string, Omit<ConfigInput, 'folder'>, Record<string, string>, string]>([
    [
      'an endpoint',
      { flags: { listen: ['tcp://127.0.0.1:1', 'udp://127.0.0.1:2'] } },
      {},
      '--listen: listen[1] is "udp://127.0.0.1:2"; allowed: tcp://host:port, tls://host:port, ws://host:port, wss://host:port, unix:///path, fd://N or systemd://NAME, one or more; the scheme is udp',
    ],
    [
      'no endpoint at all',
      {},
      { 'ixgate.config.yaml': 'listen: []' },
      'ixgate.config.yaml:1: listen is []; allowed: tcp://host:port, tls://host:port, ws://host:port, wss://host:port, unix:///path, fd://N or systemd://NAME, one or more',
    ],
    [
      'an admin address',
      { env: { IXGATE_ADMIN: '7080' } },
      {},
      'IXGATE_ADMIN: admin is "7080"; allowed: http://host:port or off',
    ],
    [
      'a webhook',
      { flags: { validator: 'ftp://gate:secret@host/' } },
      {},
      '--validator: validator is "ftp://***@host/"; allowed: an http or https URL',
    ],
    [
      'a choice',
      { flags: { logLevel: 'loud' } },
      {},
      '--log-level: logLevel is "loud"; allowed: trace, debug, info, warn, error, silent',
    ],
    [
      'a number',
      { flags: { maxErrors: 'many' } },
      {},
      '--max-errors: maxErrors is "many"; allowed: a whole number from 1 to 1000000',
    ],
    [
      'a number that is too small',
      {},
      { 'ixgate.config.yaml': 'drain: 1s\nmaxErrors: 0' },
      'ixgate.config.yaml:2: maxErrors is 0; allowed: a whole number from 1 to 1000000',
    ],
    [
      'a rate without its burst',
      { env: { IXGATE_REGISTRATION_RATE: '20' } },
      {},
      'IXGATE_REGISTRATION_RATE: registrationRate is "20"; allowed: N:BURST, rate per second and burst, each 1 to 1000000, e.g. 20:100',
    ],
    [
      'thresholds the wrong way round',
      { flags: { maxUnregistered: '100:30:50' } },
      {},
      '--max-unregistered: maxUnregistered is "100:30:50"; allowed: FROM:PERCENT:FULL, FROM and FULL 1 to 1000000, PERCENT 0 to 100, FROM not above FULL, e.g. 1000:30:5000',
    ],
    [
      'an exempt network',
      { flags: { exempt: ['10.0.0.0/8', '10.0.0.0/33'] } },
      {},
      '--exempt: exempt is ["10.0.0.0/8","10.0.0.0/33"]; allowed: addresses and blocks of addresses, or none; "10.0.0.0/33" is not an address or block; expected e.g. 127.0.0.1, 10.0.0.0/8 or fd00::/8',
    ],
    [
      'penalties whose end is before their begin',
      { flags: { penaltyMax: '1s' }, env: { IXGATE_PENALTY_MIN: '2s' } },
      {},
      '--penalty-max: penaltyMax is 1000 ms, below penaltyMin (2000 ms, IXGATE_PENALTY_MIN); allowed: penaltyMin or more',
    ],
    [
      'an unknown key of the file',
      {},
      { 'ixgate.config.yaml': 'drain: 1s\nregistrationTimout: 5s\n' },
      'ixgate.config.yaml:2: unknown key registrationTimout. Did you mean registrationTimeout? Known: listen, tlsCert,',
    ],
    [
      'an unknown variable that is nearly ours',
      { env: { IXGATE_REGISTRATON_TIMEOUT: '5s' } },
      {},
      'unknown variable IXGATE_REGISTRATON_TIMEOUT. Did you mean IXGATE_REGISTRATION_TIMEOUT?',
    ],
    [
      'an unknown error name',
      { flags: { errorCodes: ['invalid-clients=1'] } },
      {},
      '--error-code: unknown key errorCodes.invalid-clients. Did you mean invalid-client? Known: not-registered,',
    ],
    [
      'an error number',
      { flags: { errorCodes: ['invalid-client=many'] } },
      {},
      '--error-code: errorCodes.invalid-client is "many"; allowed: a whole number from -2147483648 to 2147483647',
    ],
    [
      'an error number that another name has',
      { flags: { errorCodes: ['invalid-client=1'] } },
      {},
      '--error-code: errorCodes is {"invalid-client":1}; allowed: a different number for each error name',
    ],
    [
      'an invalid pair',
      { flags: { errorCodes: ['invalid-client'] } },
      {},
      '--error-code: invalid "invalid-client": expected name=number, e.g. invalid-client=102',
    ],
    [
      'a file that is a list',
      {},
      { 'ixgate.config.json': '[]\n' },
      'ixgate.config.json:1: the file is a list; allowed: an object',
    ],
    [
      'an empty file',
      {},
      { 'ixgate.config.yaml': '# nothing yet\n' },
      'ixgate.config.yaml: the file is empty; allowed: an object with options',
    ],
    [
      'two files',
      {},
      { 'ixgate.config.yaml': '{}', 'ixgate.config.json': '{}' },
      'there are ixgate.config.json and ixgate.config.yaml; keep one, or name one with --config',
    ],
    [
      'a file that is not there',
      { configFile: 'gate.yaml' },
      {},
      'gate.yaml: cannot be read: file not found',
    ],
    [
      'invalid JSON',
      {},
      { 'ixgate.config.json': '{\n  "drain": 1s\n}' },
      'ixgate.config.json:2: invalid JSON',
    ],
    [
      'a wrong value that another place goes before',
      { flags: { drain: '1s' } },
      { 'ixgate.config.yaml': 'drain: soon' },
      'ixgate.config.yaml:1: drain is "soon"; allowed: 0ms to 24d',
    ],
    [
      'tls without a certificate',
      { flags: { listen: ['tls://127.0.0.1:7006'] } },
      {},
      '--listen: listen has tls://127.0.0.1:7006, which needs tlsCert and tlsKey (--tls-cert FILE --tls-key FILE)',
    ],
    [
      'a certificate without its key',
      { env: { IXGATE_TLS_CERT: 'c.pem' } },
      {},
      'IXGATE_TLS_CERT: tlsCert needs tlsKey too',
    ],
    [
      "certificates' names without an authority",
      { flags: { certificateName: true } },
      {},
      '--certificate-name: certificateName needs tlsCa, or clients are not asked for a certificate (--tls-ca FILE)',
    ],
    [
      'injection without an admin port',
      { flags: { allowInject: true, admin: 'off' } },
      {},
      '--allow-inject: allowInject needs admin, where viewers connect (--admin http://127.0.0.1:7080)',
    ],
    [
      'an inspector without an admin port',
      { flags: { inspector: true, admin: 'off' } },
      {},
      '--inspector: inspector needs admin, where viewers connect (--admin http://127.0.0.1:7080)',
    ],
  ])('%s', async (_what, input, files, message) => {
    const error = await problem(input, files);
    expect(error.message.slice(0, message.length)).toBe(message);
    expect(['BAD_CONFIG', 'BAD_FILE']).toContain((error as ConfigError).code);
  });

  test('variables that Kubernetes sets for a service called ixgate are ignored', async () => {
    const env = { IXGATE_PORT: 'tcp://10.0.0.1:7004', IXGATE_SERVICE_HOST: '10.0.0.1' };
    expect((await load({ env })).config.drain).toBe(5_000);
  });
});

test('each limit of the gate is an option of the command line with the same default', async () => {
  const { config } = await load({});
  expect(Object.keys(defaultLimits).sort()).toEqual([...limitKeys].sort());
  // An option without a default has no limit.
  const limits = limitKeys.map((key) => [key, config[key] ?? null]);
  expect(Object.fromEntries(limits)).toEqual(defaultLimits);
});
