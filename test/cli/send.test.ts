import { describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { createServer, type ServerOptions } from '../../adapters/server/index.js';
import { ixgate } from './in-process.js';

const who = ['--name', 'desk-1', '--type', 'AgentApplication'];
const login = '{"messageName":"RequestAgentLogin","agentId":"a1"}';

async function gate(onMessage: ServerOptions['onMessage']) {
  const server = await createServer({ listen: ['tcp://127.0.0.1:0'], onMessage });
  const [endpoint] = server.endpoints.map(formatEndpoint);
  return { endpoint: endpoint ?? '', [Symbol.asyncDispose]: () => server.close() };
}

const acking = () => gate(({ reply, message }) => void reply.ack({ heard: message.messageName }));

describe('one message', () => {
  test('is sent after registering, and its answer printed', async () => {
    await using it = await acking();
    const { code, stdout, stderr } = await ixgate(['send', it.endpoint, ...who, login]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^\{"messageName":"EventAck","referenceId":2,"heard":"RequestAgentLogin"\} {2}\d+ ms\n$/,
    );
    expect(code).toBe(0);
  });

  test('keeps its own reference id', async () => {
    await using it = await acking();
    const message = '{"messageName":"X","referenceId":-40}';
    const { stdout } = await ixgate(['send', it.endpoint, ...who, message, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      answer: { messageName: 'EventAck', referenceId: -40, heard: 'X' },
      elapsedMs: expect.any(Number),
    });
  });

  test('that is refused has an answer all the same, and exit 3', async () => {
    await using it = await gate(({ reply }) => void reply.error(50, 'no agent'));
    const { code, stdout, stderr } = await ixgate(['send', it.endpoint, ...who, login]);
    expect(stdout).toContain('"errorCode":50,"errorDescription":"no agent"');
    expect(stderr).toBe('');
    expect(code).toBe(3);
  });

  test('that is not answered in time: exit 4', async () => {
    await using it = await gate(() => {});
    expect(await ixgate(['send', it.endpoint, ...who, login, '--timeout', '300ms'])).toEqual({
      code: 4,
      stdout: '',
      stderr: 'ixgate: RequestAgentLogin (reference id 2) was not answered within 300 ms\n',
    });
  });

  test('whose connection ends: exit 5', async () => {
    await using it = await gate(({ session }) => session.disconnect());
    const { code, stderr } = await ixgate(['send', it.endpoint, ...who, login]);
    expect(code).toBe(5);
    expect(stderr).toContain(`the connection to ${it.endpoint} ended (peer-closed)`);
  });
});

describe('messages from standard input', () => {
  test('are sent one after the other, one per line; empty lines are skipped', async () => {
    await using it = await acking();
    const input = '{"messageName":"One"}\n\n{"messageName":"Two"}\r\n{"messageName":"Three"}';
    for (const args of [['-'], []]) {
      const ran = await ixgate(['send', it.endpoint, ...who, ...args, '--json'], { input });
      const heard = ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).answer.heard);
      expect(heard).toEqual(['One', 'Two', 'Three']);
      expect(ran.code).toBe(0);
    }
  });

  test('end at the first invalid line, which the error names', async () => {
    await using it = await acking();
    const ran = await ixgate(['send', it.endpoint, ...who], {
      input: '{"messageName":"One"}\n{"messageName":}\n{"messageName":"Three"}\n',
    });
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('"heard":"One"');
    expect(ran.stdout).not.toContain('Three');
    expect(ran.stderr).toMatch(/^ixgate: line 2 is invalid JSON: /);
  });

  test('exit 3 when one of them was refused, and the rest are still sent', async () => {
    await using it = await gate(({ reply, message }) => {
      if (message.messageName === 'One') reply.error('server-busy', 'later');
      else reply.ack();
    });
    const input = '{"messageName":"One"}\n{"messageName":"Two"}\n';
    const ran = await ixgate(['send', it.endpoint, ...who], { input });
    expect(ran.stdout.split('\n')).toHaveLength(3);
    expect(ran.code).toBe(3);
  });
});
