import { describe, expect, it } from 'vitest';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { registerRequest } from '../support/line-client.js';

closeGatesAfterEach();

const ack = { messageName: 'EventAck', referenceId: 1 };
const line = (message: unknown) => `${JSON.stringify(message)}\n`;
const malformed = (errorDescription: string) => ({
  messageName: 'EventError',
  referenceId: null,
  errorCode: 5,
  errorDescription,
});

describe('a frame on TCP', () => {
  it('GATE-1.4 comes from the client first: the server does not greet', async () => {
    const { client } = await openGate();
    await using one = await client();
    // Were there a greeting, it would come before this answer.
    expect(await one.ask(registerRequest())).toEqual(ack);
  });

  it('GATE-2.1 ends with a line feed, a carriage return before it is accepted, and none is sent', async () => {
    const { client } = await openGate();
    await using one = await client();
    const text = new Promise<string>((resolve) =>
      one.socket.once('data', (data) => resolve(`${data}`)),
    );
    one.say(`${JSON.stringify(registerRequest())}\r\n`);
    expect(await text).toBe('{"messageName":"EventAck","referenceId":1}\n');
  });

  it('GATE-2.2 that is empty or white space is ignored', async () => {
    const { client } = await openGate();
    await using one = await client();
    expect(await one.ask(`\n \t\n\r\n${line(registerRequest())}`)).toEqual(ack);
  });

  it('GATE-2.3 may be cut anywhere, within a character too', async () => {
    const { client, server } = await openGate();
    await using one = await client();
    one.socket.setNoDelay(true);
    for (const byte of Buffer.from(line(registerRequest({ clientName: 'Łódź-東京' })))) {
      one.socket.write(Uint8Array.of(byte));
    }
    expect(await one.next()).toEqual(ack);
    expect(server.sessions()).toMatchObject([{ clientName: 'Łódź-東京' }]);
  });

  it('GATE-2.5 may be as long as the limit and not a byte longer', async () => {
    const { client } = await openGate({ maxFrame: 256 });
    const empty = JSON.stringify(registerRequest({ note: '' })).length;
    await using fits = await client();
    expect(await fits.ask(registerRequest({ note: 'x'.repeat(256 - empty) }))).toEqual(ack);
    await using exceeds = await client();
    expect(await exceeds.ask(registerRequest({ note: 'x'.repeat(257 - empty) }))).toEqual(
      malformed('the frame is too long; at most 256 bytes are allowed'),
    );
  });

  it('GATE-2.6 is nested 32 levels deep at most', async () => {
    const { client } = await openGate();
    const nested = (levels: number) =>
      `{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"a","clientType":"Proxy","x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}\n`;
    await using fits = await client();
    expect(await fits.ask(nested(32))).toEqual(ack);
    await using exceeds = await client();
    expect(await exceeds.ask(nested(33))).toEqual(
      malformed('the message is nested too deeply; at most 32 levels are allowed'),
    );
  });

  it('GATE-2.8 has 256 attributes at most, nested ones and elements included', async () => {
    const { client } = await openGate();
    // Four attributes, `x`, `y` and its 250 elements are 256.
    const list = (elements: number) => registerRequest({ x: { y: Array(elements).fill(0) } });
    await using fits = await client();
    expect(await fits.ask(list(250))).toEqual(ack);
    await using exceeds = await client();
    expect(await exceeds.ask(list(251))).toEqual(
      malformed(
        'the message has too many attributes; at most 256 are allowed, nested ones included',
      ),
    );
  });

  it('GATE-2.12 has the last of two attributes with one name', async () => {
    const { client, server } = await openGate();
    await using one = await client();
    const twice = line(registerRequest()).replace('{', '{"clientName":"first",');
    expect(await one.ask(twice)).toEqual(ack);
    expect(server.sessions()).toMatchObject([{ clientName: 'desk-1' }]);
  });

  it('GATE-2.7 with a byte order mark is not JSON', async () => {
    const { client } = await openGate();
    await using one = await client();
    expect(await one.ask(`\uFEFF${line(registerRequest())}`)).toEqual(
      malformed('the frame is not JSON; it must be one JSON object'),
    );
  });
});

describe('GATE-3.1 GATE-7.1 a bad frame is answered with its sentence and the connection closed', () => {
  it.each<[string, string | Buffer, string]>([
    ['text', 'hello\n', 'the frame is not JSON; it must be one JSON object'],
    ['half an object', '{"messageName":\n', 'the frame is not JSON; it must be one JSON object'],
    ['an array', '[]\n', 'the frame is JSON but not an object; it must be one JSON object'],
    ['null', 'null\n', 'the frame is JSON but not an object; it must be one JSON object'],
    ['no name', '{}\n', 'the message has no messageName; it must be a text that is not empty'],
    [
      'an empty name',
      '{"messageName":""}\n',
      'the message has no messageName; it must be a text that is not empty',
    ],
    [
      'a name that is a number',
      '{"messageName":7}\n',
      'the message has no messageName; it must be a text that is not empty',
    ],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a]), 'the frame is not UTF-8'],
  ])('when it is %s', async (_what, frame, description) => {
    const { client } = await openGate();
    await using one = await client();
    one.socket.write(frame);
    expect(await one.next()).toEqual(malformed(description));
    expect(await one.next()).toBeNull();
  });

  it('when the client is registered too', async () => {
    const { client } = await openGate();
    await using one = await client();
    await one.ask(registerRequest());
    expect(await one.ask('hello\n')).toMatchObject({ errorCode: 5 });
    expect(await one.next()).toBeNull();
  });
});

describe('what comes around a bad frame', () => {
  it('GATE-7.2 is not processed when it comes after it', async () => {
    const { client } = await openGate();
    await using one = await client();
    expect(await one.ask(`hello\n${line(registerRequest())}`)).toMatchObject({ errorCode: 5 });
    expect(await one.next()).toBeNull();
  });

  it('GATE-7.3 is not waited for: a line without an end is refused at the limit', async () => {
    const { client } = await openGate();
    await using one = await client();
    expect(await one.ask('x'.repeat(70_000))).toMatchObject({ errorCode: 5 });
    expect(await one.next()).toBeNull();
  });

  it('GATE-7.4 half a line and then the end is dropped without an answer', async () => {
    const { client } = await openGate();
    await using one = await client();
    one.say('{"messageName":"Reque');
    one.socket.end();
    expect(await one.next()).toBeNull();
  });

  it('GATE-7.5 a reset in the middle ends one connection alone', async () => {
    const { client, server } = await openGate();
    await using other = await client();
    await other.ask(registerRequest());
    const gone = new Promise((resolve) => server.once('disconnected', resolve));
    const one = await client();
    one.say('{"messageName":"Reque');
    one.socket.resetAndDestroy();
    await gone;
    expect(await other.ask(registerRequest({ referenceId: 2 }))).toMatchObject({ errorCode: 4 });
    await using next = await client();
    expect(await next.ask(registerRequest())).toEqual(ack);
  });
});
