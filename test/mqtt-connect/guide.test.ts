/** The protocol that docs/protocols.md builds, against a real Redis. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { LiveServer } from '../../adapters/tester/protocols/live-server.js';
import { defineProtocol } from '../../machines/engine/kit/define-protocol.js';
import type { Wire } from '../../machines/engine/kit/wire.js';
import { playCase } from '../../machines/engine/playing/index.js';
import { caseOf } from '../../machines/engine/testgen/index.js';
import { withStatements } from '../../scripts/protocol-tables.js';
import { ixgate } from '../cli/in-process.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { installed } from './brokers.js';

const file = resolve('examples/redis-auth/protocol.ts');
const protocol = ['--protocol', file];

async function startRedis(folder: string, ...options: readonly string[]) {
  const port = String(await freePort());
  const args = ['--port', port, '--save', '', '--dir', folder, ...options];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  for await (const text of child.stdout.setEncoding('utf8'))
    if (/Ready to accept connections/.test(text)) break;
  child.stdout.resume();
  return {
    tcp: `tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

const version = installed('redis-server', '--version');
if (version === null)
  console.log('skipped: redis-server is not installed (apt-get install redis-server)');

describe('the protocol of examples/redis-auth', () => {
  it('has its properties', async () => {
    const { code, stdout } = await ixgate(['check', ...protocol]);
    expect(stdout).toContain('1 of 1 properties hold');
    expect(code).toBe(0);
  });

  it.skipIf(version === null)('holds for a Redis with a password', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path, '--requirepass', 'sesame');
    const args = ['conform', redis.tcp, ...protocol, '--value', 'password=sesame'];
    const { code, stdout } = await ixgate(args);
    const [sum = ''] = stdout.trimEnd().split('\n').slice(-1);
    expect(sum).toContain('4 of 4 statements hold');
    expect(await readFile('docs/protocols.md', 'utf8')).toContain(`\n    ${sum}\n`);
    expect(code).toBe(0);
  });

  it.skipIf(version === null)(
    'does not hold for a Redis without one, and names the statements',
    async () => {
      await using folder = await temporaryFolder();
      await using redis = await startRedis(folder.path);
      const args = ['conform', redis.tcp, ...protocol, '--value', 'password=sesame'];
      const { code, stdout } = await ixgate(args);
      expect(stdout).toMatch(/^DIFFERS {5}requirepass .*\n +ping: expected NOAUTH, observed PONG/m);
      expect(stdout).toMatch(/^DIFFERS {5}AUTH /m);
      expect(code).toBe(6);
    },
  );
});

describe('a server that speaks first', () => {
  const protocol = defineProtocol({
    name: 'greeting',
    title: 'A greeting',
    system: 'Server',
    machine: setup({ actions: { greet() {}, close() {} } }).createMachine({
      initial: 'new',
      states: {
        new: { on: { greeting: { target: 'greeted', actions: 'greet' }, quit: {} } },
        greeted: { on: { quit: { target: 'ended', actions: 'close' }, greeting: {} } },
        ended: { type: 'final' },
      },
    }),
    inputs: { greeting: 'waits for the greeting', quit: 'sends QUIT' },
    outputs: () => ({ greet: '220', close: 'closed' }),
  });
  const wire: Wire = {
    session: () => ({
      encode: (input) => Buffer.from(input === 'greeting' ? '' : 'QUIT\r\n'),
      decode: (bytes) => [Buffer.from(bytes).toString().slice(0, 3)],
    }),
  };

  it('is waited for by an input that sends nothing', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).on('data', () => socket.end());
      socket.write('220 ready\r\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const model = protocol.model();
    const played = await playCase(
      caseOf(model, ['greeting', 'quit']),
      new LiveServer({ endpoint, model, wire }),
    );
    server.close();
    expect(played).toMatchObject({ passed: true, failure: null });
  });
});

describe('docs/protocols.md', () => {
  /** The code blocks of a language. */
  const blocks = async (language: string) => {
    const page = await readFile('docs/protocols.md', 'utf8');
    const found = page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'));
    return [...found].map(([, code = '']) => code);
  };

  it('shows parts of the example, and its number of lines', async () => {
    const text = await readFile(file, 'utf8');
    const parts = await blocks('ts');
    expect(parts.length).toBe(4);
    expect(parts.filter((part) => !text.includes(part.trimEnd()))).toEqual([]);
    const lines = text.trimEnd().split('\n').length;
    expect(await readFile('docs/protocols.md', 'utf8')).toContain(`has ${lines} lines`);
  });

  it('has the statements of MQTT (npm run readme)', async () => {
    const page = await readFile('docs/protocols.md', 'utf8');
    expect(page).toBe(withStatements(page));
  });

  it.skipIf(version === null)('has commands that run', async () => {
    await using folder = await temporaryFolder();
    await using redis = await startRedis(folder.path, '--requirepass', 'sesame');
    const commands = (await blocks('sh')).join('').trimEnd().split('\n');
    expect(commands).toHaveLength(4);
    for (const command of commands) {
      const [, , ...words] = command.split(' ');
      const args = words.map((word) =>
        word.replace('tcp://127.0.0.1:6379', redis.tcp).replace('test/generated', folder.path),
      );
      expect([command, await ixgate(args)]).toMatchObject([command, { code: 0, stderr: '' }]);
    }
  });
});
