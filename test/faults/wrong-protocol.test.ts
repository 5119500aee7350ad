import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { serving } from '../cli/in-process.js';
import { lineClient, registerRequest } from '../support/line-client.js';

/** The first flight of a TLS client. */
function clientHello(): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer) {
        resolve(chunk);
        wire.destroy();
      },
    });
    connectTls({ socket: wire }).on('error', () => {});
  });
}

describe('Another protocol on the plain port', () => {
  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['TLS', clientHello],
    ['HTTP', () => Buffer.from('GET / HTTP/1.1\r\nHost: gate\r\n\r\n')],
    ['PROXY protocol 1', () => Buffer.from('PROXY TCP4 10.0.0.1 10.0.0.2 4711 7004\r\n')],
    [
      'PROXY protocol 2',
      () => Buffer.from('0d0a0d0a000d0a515549540a2111000c0a0000010a00000212671b5c', 'hex'),
    ],
    ['SSH', () => Buffer.from('SSH-2.0-OpenSSH_9.9\r\n')],
    ['nothing but NULs', () => Buffer.alloc(100)],
  ])(
    'T20: GATE-7.6 %s gets an error and is closed at once, with one line in the log',
    async (_what, bytes) => {
      await using gate = await serving();
      const socket = connect({ port: gate.port, host: '127.0.0.1' });
      socket.write(await bytes());
      const said = JSON.parse(await text(socket));
      expect(said).toMatchObject({
        messageName: 'EventError',
        errorCode: 5,
        errorDescription: 'the frame is not JSON; it must be one JSON object',
      });
      expect(await gate.event('disconnected')).toMatchObject({
        remoteAddress: '127.0.0.1',
        reason: 'protocol-error',
        msg: expect.stringContaining(said.errorDescription),
      });
      await using desk = await lineClient(gate.port);
      expect(await desk.ask(registerRequest())).toMatchObject({ messageName: 'EventAck' });
      await gate.event('registered');
      const events = gate.stdout
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one).event);
      expect(events).toEqual(['listening', 'disconnected', 'registered']);
    },
  );
});
