import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { Connection, ConnectionHandlers } from '../../adapters/net/transports/index.js';
import { memoryPair } from '../../adapters/net/transports/memory.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';

closeGatesAfterEach();

it.each<[string, unknown]>([
  ['a socket of node:net', new Socket()],
  ['nothing', undefined],
  ['a text', 'tcp://127.0.0.1:7004'],
  ['an object without a framing', { ...memoryPair()[0], framing: undefined }],
])('T62: accept rejects %s and takes no place for it', async (_what, given) => {
  const { server } = await openGate();
  expect(() => server.accept(given as Connection)).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', option: 'target' }),
  );
  expect(server.counts()).toMatchObject({ accepted: 0, open: 0 });
  await server.close();
});

/** A connection whose `pause` does nothing. */
class RestlessConnection implements Connection {
  readonly scheme = 'memory';
  readonly framing = 'stream';
  readonly remoteAddress = '192.0.2.1';
  readonly remotePort = 1;
  readonly certificate = null;
  readonly unsent = 0;
  handlers: ConnectionHandlers | null = null;
  isOpen = true;
  start(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
  }
  write(): boolean {
    return true;
  }
  pause(): void {}
  resume(): void {}
  close(): void {
    this.destroy();
  }
  destroy(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    queueMicrotask(() => this.handlers?.closed(null));
  }
}

it('T63: a connection that does not pause is ended after the bytes that a transport may have read', async () => {
  const { server } = await openGate({ validator: () => new Promise(() => {}) });
  const problems: Error[] = [];
  server.on('problem', (error) => problems.push(error));
  const connection = new RestlessConnection();
  server.accept(connection);
  const register = {
    messageName: 'RequestRegisterClient',
    referenceId: 1,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
  };
  connection.handlers?.data(Buffer.from(`${JSON.stringify(register)}\n`), 'text');
  const chunk = Buffer.from(
    `${JSON.stringify({ messageName: 'X', padding: 'x'.repeat(1_000) })}\n`.repeat(64),
  );
  let delivered = 0;
  while (connection.isOpen && delivered < 16 * 1_048_576) {
    connection.handlers?.data(chunk, 'text');
    delivered += chunk.length;
  }
  expect(delivered).toBeLessThan(1.2 * 1_048_576);
  expect(problems).toMatchObject([{ code: 'CANNOT_PAUSE' }]);
  await expect.poll(() => server.counts().open).toBe(0);
});
