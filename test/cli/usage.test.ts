import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { exitCodes } from '../../adapters/cli/exit-codes.js';
import { flagOf, helpOf, serveKeys, serveOptions } from '../../adapters/config/index.js';
import { runNode } from '../support/run-node.js';
import { ixgate } from './in-process.js';
import { program } from './ixgate.js';

/** Help is wrapped to the terminal; what it says is not. */
const unwrapped = (text: string) => text.replace(/\s+/g, ' ');

describe('--help', () => {
  const commands = [
    [],
    ['serve'],
    ['config'],
    ['doctor'],
    ['register'],
    ['send'],
    ['figures'],
    ['analyze'],
    ['viz'],
    ['report'],
    ['check'],
    ['generate'],
    ['conform'],
    ['conform-client'],
    ['mutate'],
    ['coverage'],
    ['tap'],
    ['completion'],
  ];
  const deeper = [
    ['figures', 'list'],
    ['figures', 'show'],
    ['figures', 'run'],
  ];
  test.concurrent.each([...commands, ...deeper])(
    '%s %s has examples and the exit codes',
    async (...words) => {
      const { code, stdout, stderr } = await ixgate([...words.filter(Boolean), '--help']);
      expect(code).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^Usage: ixgate /);
      expect(stdout).toContain('Examples:\n  ixgate ');
      for (const { code: number, meaning } of Object.values(exitCodes)) {
        expect(unwrapped(stdout)).toContain(`${number} ${meaning}`);
      }
    },
  );

  test('of serve tells each option with its limits, its default with unit, and its variable', async () => {
    const { stdout } = await ixgate(['serve', '--help']);
    const text = unwrapped(stdout);
    for (const key of serveKeys) expect(text).toContain(unwrapped(helpOf(key)));
    for (const said of [
      '(default tcp://127.0.0.1:7004 and ws://127.0.0.1:7005; IXGATE_LISTEN)',
      '(1ms to 24d; default 10s; IXGATE_REGISTRATION_TIMEOUT)',
      '(1ms to 24d; default 5s; IXGATE_REJECTION_TIMEOUT)',
      '(1ms to 24d; default 5s; IXGATE_VALIDATOR_TIMEOUT)',
      '(64B to 64MiB; default 64KiB; IXGATE_MAX_FRAME)',
      '(0ms to 24d; default 5s; IXGATE_DRAIN)',
      '(1 to 1000000, 0 to 100, FROM to 1000000; default 1000:30:5000; IXGATE_MAX_UNREGISTERED)',
      '(rate and burst 1 to 1000000; default 20:100; IXGATE_REGISTRATION_RATE)',
      '(default 127.0.0.0/8 and ::1/128; IXGATE_EXEMPT)',
      '(0ms to 24d; default 10m; IXGATE_PENALTY_MAX)',
      '(64B to 64MiB; default 8KiB; IXGATE_MAX_FRAME_UNREGISTERED)',
    ]) {
      expect(text).toContain(said);
    }
  });

  test('of serve stands under headings, each option under one', async () => {
    const { stdout } = await ixgate(['serve', '--help']);
    const parts = stdout.split(/\n\n(?=[A-Z][A-Za-z ]+:\n)/);
    for (const key of serveKeys) {
      const part = parts.find((text) => text.startsWith(`${serveOptions[key].group}:\n`)) ?? '';
      expect(part).toMatch(new RegExp(`^  ${flagOf(key)}\\b`, 'm'));
    }
    const [first, second] = [stdout.indexOf('Listening:'), stdout.indexOf('Timeouts:')];
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
  });

  test('of the others tells theirs', async () => {
    for (const command of ['register', 'send']) {
      const { stdout } = await ixgate([command, '--help']);
      expect(unwrapped(stdout)).toContain(
        'timeout of the connection, and of each answer (1ms to 24d) (default: 5s)',
      );
    }
    const { stdout } = await ixgate(['figures', 'run', '--help']);
    expect(unwrapped(stdout)).toContain(
      'maximum wait for an answer or a disconnect (1ms to 24d) (default: 30s)',
    );
  });
});

test('--version prints the version of the package', async () => {
  const { code, stdout } = await ixgate(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('a usage error prints one line on stderr, without a stack trace, with exit code 2', () => {
  const target = 'tcp://127.0.0.1:1';
  const who = ['--name', 'desk-1', '--type', 'AgentApplication'];
  test.concurrent.each<[string[], string]>([
    [[], 'no command was given. See ixgate --help'],
    [['figures'], 'no command was given. See ixgate --help'],
    [['inspect'], 'unknown command "inspect": expected analyze, its new name'],
    [
      ['inspect', 'ixn.log', '--summary', '--since', '08:00'],
      'unknown command "inspect": expected analyze, its new name',
    ],
    [['inspect', '--help'], 'unknown command "inspect": expected analyze, its new name'],
    [['serv'], "unknown command 'serv' (Did you mean serve?). See ixgate --help"],
    [
      ['serve', '--registraton-timeout', '5s'],
      "unknown option '--registraton-timeout' (Did you mean --registration-timeout?). See ixgate --help",
    ],
    [
      ['serve', '--registration-timeout', '5'],
      '--registration-timeout: registrationTimeout is "5"; allowed: 1ms to 24d, written like 500ms, 5s, 1m or 1h; it has no unit, write 5ms or 5s',
    ],
    [['serve', '--clients', '/nowhere.json'], '/nowhere.json: cannot be read: file not found'],
    [
      ['register', target, '--name', 'desk-1'],
      "required option '--type <type>' not specified. See ixgate --help",
    ],
    [
      ['register', target, '--name', 'desk-1', '--type', 'Agent'],
      "option '--type <type>' argument 'Agent' is invalid. Allowed choices are AgentApplication, MediaServer, ReportingEngine, RoutingEngine, Proxy. See ixgate --help",
    ],
    [
      ['register', '127.0.0.1:1', ...who],
      'invalid endpoint "127.0.0.1:1": it has no scheme; expected tcp://host:port, tls://host:port, ws://host:port, wss://host:port or unix:///path',
    ],
    [
      ['register', target, ...who, '--timeout', '5'],
      '--timeout is "5"; allowed: 1ms to 24d, written like 500ms, 5s, 1m or 1h; it has no unit, write 5ms or 5s',
    ],
    [
      ['register', target, ...who, '--proxy-client-id', '1.5'],
      '--proxy-client-id is "1.5"; allowed: a whole number from -2147483648 to 2147483647',
    ],
    [
      ['register', target, ...who, '--extension', 'key'],
      '--extension is "key"; allowed: a JSON object such as \'{"key":1}\', or key=value',
    ],
    [
      ['register', target, ...who, '--tls-cert', 'c.pem'],
      '--tls-cert and --tls-key require each other',
    ],
    [
      ['register', target, ...who, '--tls-ca', '/nowhere.pem'],
      '--tls-ca: tlsCa /nowhere.pem: cannot be read: file not found',
    ],
    [
      ['send', target, ...who, '{"name":"x"}'],
      'the message is {"name":"x"}; allowed: an object with a messageName such as {"messageName":"RequestAgentLogin"}',
    ],
    [['send', target, ...who, '[]'], 'the message is []; allowed: a JSON object'],
    [
      ['serve', '--admin', 'http://0.0.0.0:0'],
      '--admin: admin is http://0.0.0.0:0, which other machines can reach; that needs adminToken (--admin-token TOKEN or --admin-token @FILE)',
    ],
    [
      ['serve', '--admin-token', 'my-pin-is-1234'],
      '--admin-token: adminToken is ***; allowed: 16 to 512 letters, digits and signs without blanks, or @FILE',
    ],
    [
      ['serve', '--admin-token', '@/nowhere.txt'],
      '--admin-token: adminToken /nowhere.txt: cannot be read: file not found',
    ],
    [['viz', '/nowhere.jsonl'], '/nowhere.jsonl: cannot be read: file not found'],
    [['viz', '--port', '70000'], '--port is "70000"; allowed: a whole number from 0 to 65535'],
    [['report'], "missing required argument 'file'. See ixgate --help"],
    [['figures', 'show', '3'], 'unknown figure "3"; allowed: 1, 2a, 2b, 2c'],
    [
      ['figures', 'run', '--on', 'udp'],
      '--on has "udp"; allowed: chart, memory, tcp, tls, ws, wss, separated by commas',
    ],
    [
      ['figures', 'run', '--invalid', '{"clientType":"Proxy"}'],
      '--invalid is "{\\"clientType\\":\\"Proxy\\"}"; allowed: an object such as {"clientName":"desk-1","clientType":"AgentApplication"}',
    ],
  ])('%j', async (args, message) => {
    const text = await ixgate(args);
    expect(text).toEqual({ code: 2, stdout: '', stderr: `ixgate: ${message}\n` });
  });

  test('and as one JSON object where that was asked for', async () => {
    const wrong = await ixgate(['serve', '--json', '--drain', 'soon']);
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).toBe('');
    expect(JSON.parse(wrong.stderr)).toEqual({
      error: {
        code: 'BAD_CONFIG',
        message: '--drain: drain is "soon"; allowed: 0ms to 24d, written like 500ms, 5s, 1m or 1h',
      },
    });
    const unknown = await ixgate(['--json', 'serv']);
    expect(JSON.parse(unknown.stderr)).toMatchObject({ error: { code: 'USAGE' } });
  });

  test('what a terminal would obey is not printed', async () => {
    const { stderr } = await ixgate(['figures', 'show', '\u001b[31mred\u0007\u202e']);
    expect(stderr).toBe(
      'ixgate: unknown figure "\\u001b[31mred\\u0007\\u{202e}"; allowed: 1, 2a, 2b, 2c\n',
    );
  });
});

test('output that is piped has no colours', async () => {
  const { stdout } = await ixgate(['figures', 'run', '1', '--on', 'chart'], {
    env: { NO_COLOR: '', TERM: 'xterm-256color' },
  });
  expect(stdout).not.toContain('\u001b');
});

describe('the command in a clone that is not built', () => {
  it('says what to run, and exits 2', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ixgate-unbuilt-'));
    try {
      const launcher = join(folder, 'adapters', 'cli', 'ixgate.mjs');
      await mkdir(dirname(launcher), { recursive: true });
      await copyFile(program, launcher);
      const { code, stdout, stderr } = await runNode([launcher, '--version']);
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'ixgate: not built yet. Run `npm run build` first, or `npm start`, which builds too.\n',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
