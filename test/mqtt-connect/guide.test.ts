/** docs/protocols.md, and what it promises of servers that speak first. The protocol that it builds is tested in redis.full.test.ts. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { LiveServer } from '../../adapters/tester/protocols/live-server.js';
import { defineProtocol } from '../../machines/engine/kit/define-protocol.js';
import type { Wire } from '../../machines/engine/kit/wire.js';
import { playCase } from '../../machines/engine/playing/index.js';
import { caseOf } from '../../machines/engine/testgen/index.js';
import { withStatements } from '../../scripts/protocol-tables.js';
import { codeBlocks } from './brokers.js';

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
  it('shows parts of the examples, and the number of lines', async () => {
    const text = await readFile('examples/redis-auth/protocol.ts', 'utf8');
    const mapper = await readFile('examples/learn-nats/mapper.ts', 'utf8');
    const parts = await codeBlocks('ts');
    const isOf = (file: string) => (part: string) => file.includes(part.trimEnd());
    expect(parts.map(isOf(text))).toEqual([true, true, true, true, false, false]);
    expect(parts.slice(4).filter(isOf(mapper))).toHaveLength(2);
    const lines = text.trimEnd().split('\n').length;
    expect(await readFile('docs/protocols.md', 'utf8')).toContain(`has ${lines} lines`);
  });

  it('has the statements of MQTT (npm run readme)', async () => {
    const page = await readFile('docs/protocols.md', 'utf8');
    expect(page).toBe(withStatements(page));
  });
});
