import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryPair, schemes } from '../../../adapters/net/transports/index.js';
import { type TestCertificates, testCertificates } from '../../support/certificates.js';
import { type Link, link, openRaw, TestListener } from '../../support/links.js';
import { Recorded } from '../../support/recorded.js';

const certificates: { made?: TestCertificates } = {};
beforeAll(async () => {
  certificates.made = await testCertificates();
});

/** How a transport under test opens a connection; `raw` where there is a TCP socket below. */
interface Subject {
  readonly framing: 'stream' | 'frame';
  open(): Promise<Link>;
  raw?(): Promise<{ client: Awaited<ReturnType<typeof openRaw>>; far: Recorded }>;
}

for (const scheme of schemes) {
  describe(scheme, () => {
    const running: { listener?: TestListener } = {};
    const listener = () => running.listener as TestListener;
    const ca = () => certificates.made?.ca;
    beforeAll(async () => {
      const tls = certificates.made?.server;
      running.listener = await TestListener.open(scheme, {
        ...(tls && { tls: { cert: tls.cert, key: tls.key } }),
      });
    });
    afterAll(() => running.listener?.close());
    keepsTheContract({
      framing: scheme === 'tcp' || scheme === 'tls' ? 'stream' : 'frame',
      open: () => link(listener(), ca()),
      async raw() {
        const [client, far] = await Promise.all([
          openRaw(listener().endpoint, ca()),
          listener().accepted(),
        ]);
        return { client, far: new Recorded(far) };
      },
    });
  });
}

for (const framing of ['stream', 'frame'] as const) {
  describe(`memory (${framing})`, () => {
    keepsTheContract({
      framing,
      async open() {
        const [near, far] = memoryPair(framing);
        return { near: new Recorded(near), far: new Recorded(far) };
      },
    });
  });
}

function keepsTheContract(subject: Subject): void {
  const bytes = (text: string) => Buffer.from(text);
  const opened = async () => {
    const { near, far } = await subject.open();
    return { near: near.start(), far: far.start() };
  };
  /** A round trip elsewhere: whatever was under way here has arrived by then. */
  const meanwhile = async () => {
    const { near, far } = await opened();
    for (let trip = 0; trip < 3; trip += 1) {
      near.connection.write(bytes('?'));
      await far.until(({ size }) => size > trip);
      far.connection.write(bytes('!'));
      await near.until(({ size }) => size > trip);
    }
    near.connection.close('done');
    far.connection.close('done');
    await Promise.all([near.closed(), far.closed()]);
  };

  it('carries bytes both ways, in order', async () => {
    const { near, far } = await opened();
    for (const text of ['one ', 'two ', 'three']) near.connection.write(bytes(text));
    await far.until(({ text }) => text === 'one two three');
    far.connection.write(bytes('answer'));
    await near.until(({ text }) => text === 'answer');
    if (subject.framing === 'frame') {
      expect(far.frames.map(String)).toEqual(['one ', 'two ', 'three']);
      expect(far.kinds).toEqual(['text', 'text', 'text']);
    }
    near.connection.destroy();
    await far.until(({ calls }) => calls.includes('end') || calls.includes('closed'));
    far.connection.destroy();
  });

  it('knows who is at the other end', async () => {
    const { far, near } = await opened();
    expect(far.connection.remoteAddress).toMatch(/^(127\.0\.0\.1|memory)$/);
    expect(far.connection.framing).toBe(subject.framing);
    expect(far.connection.certificate).toBeNull();
    near.connection.destroy();
    far.connection.destroy();
    await Promise.all([near.closed(), far.closed()]);
  });

  it('holds its input until it is started', async () => {
    const { near, far } = await subject.open();
    near.start().connection.write(bytes('early'));
    await meanwhile();
    far.start();
    expect(far.size).toBe(0);
    await far.until(({ text }) => text === 'early');
    near.connection.destroy();
    far.connection.destroy();
  });

  it('delivers nothing while it is paused, and all of it afterwards', async () => {
    const { near, far } = await opened();
    near.connection.write(bytes('a'));
    await far.until(({ text }) => text === 'a');
    far.connection.pause();
    near.connection.write(bytes('b'));
    near.connection.write(bytes('c'));
    await meanwhile();
    expect(far.text).toBe('a');
    far.connection.resume();
    await far.until(({ text }) => text === 'abc');
    near.connection.destroy();
    far.connection.destroy();
  });

  it('stays paused when it was paused before it was started', async () => {
    const { near, far } = await subject.open();
    near.start();
    far.connection.pause();
    far.start();
    near.connection.write(bytes('x'));
    await meanwhile();
    expect(far.text).toBe('');
    far.connection.resume();
    await far.until(({ text }) => text === 'x');
    near.connection.destroy();
    far.connection.destroy();
  });

  it('delivers what was written before close, to the last byte', async () => {
    const { near, far } = await opened();
    const chunk = Buffer.alloc(50_000, 'x');
    for (let n = 0; n < 60; n += 1) far.connection.write(chunk);
    far.connection.write(bytes('the end'));
    far.connection.close('done');
    await near.until(({ calls }) => calls.includes('end') || calls.includes('closed'));
    expect(near.size).toBe(60 * 50_000 + 7);
    expect(near.text.endsWith('the end')).toBe(true);
    near.connection.close('done');
    await Promise.all([near.closed(), far.closed()]);
    expect([near.error, far.error]).toEqual([null, null]);
  });

  it('lets a peer that goes on sending read the last word', async () => {
    const { near, far } = await opened();
    const chunk = Buffer.alloc(50_000, 'x');
    // More than the sockets hold; without an end it would only measure how busy the machine is.
    let left = 80;
    const send = () => {
      while (left > 0 && near.connection.write(chunk)) left -= 1;
    };
    near.onCall = (call) => {
      if (call === 'drain') send();
    };
    send();
    await far.until(({ size }) => size > 500_000);
    // A peer whose write fails drops what it has not read yet: the reset must not come while it writes.
    near.connection.pause();
    far.connection.write(bytes('last word'));
    far.connection.close('protocol-error');
    send();
    await meanwhile();
    send();
    near.connection.resume();
    await near.until(({ text, isClosed }) => text === 'last word' || isClosed);
    expect(near.text).toBe('last word');
    near.connection.close('done');
    await Promise.all([near.closed(), far.closed()]);
  });

  it('is gone within about a second of close when the peer never reads or closes', async () => {
    const { near, far } = await subject.open();
    far.start();
    const begun = performance.now();
    far.connection.write(bytes('never read'));
    far.connection.close('timeout');
    await far.closed();
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(performance.now() - begun).toBeLessThan(2_000);
    near.start();
    near.connection.destroy();
    await near.closed();
  });

  it('ends at once when destroyed', async () => {
    const { near, far } = await opened();
    far.connection.destroy();
    await far.closed();
    expect(far.error).toBeNull();
    await near.until(({ calls }) => calls.includes('end') || calls.includes('closed'));
    near.connection.close('done');
    await near.closed();
  });

  it('tells closed exactly once and last, and no method throws afterwards', async () => {
    const { near, far } = await opened();
    near.connection.write(bytes('x'));
    near.connection.close('done');
    far.connection.close('going-away');
    far.connection.close('done');
    await Promise.all([near.closed(), far.closed()]);
    for (const { connection } of [near, far]) {
      expect(connection.write(bytes('too late'))).toBe(false);
      connection.pause();
      connection.resume();
      connection.close('done');
      connection.destroy();
      expect(connection.unsent).toBe(0);
    }
    await meanwhile();
    for (const recorded of [near, far]) {
      expect(recorded.count('closed')).toBe(1);
      expect(recorded.calls.at(-1)).toBe('closed');
    }
  });

  it('tells closed to one that is started after it was gone', async () => {
    const { near, far } = await subject.open();
    near.start();
    near.connection.destroy();
    far.connection.destroy();
    await near.closed();
    await meanwhile();
    far.start();
    await far.closed();
    expect(far.calls).toEqual(['closed']);
  });

  it('tells a writer to wait while the peer does not read, and when it may go on', async () => {
    const { near, far } = await opened();
    near.connection.pause();
    const chunk = Buffer.alloc(60_000, 'x');
    let written = 0;
    let waits = false;
    // The system's own buffers take some megabytes before a writer has to wait for good.
    while (!waits && written < 2_000) {
      const more = far.connection.write(chunk);
      written += 1;
      if (more) continue;
      await meanwhile();
      waits = far.connection.unsent > 0;
    }
    expect(waits).toBe(true);
    const drained = far.count('drain');
    near.connection.resume();
    await far.until((recorded) => recorded.count('drain') > drained);
    await near.until(({ size }) => size === written * chunk.length);
    expect(far.connection.unsent).toBe(0);
    near.connection.destroy();
    far.connection.destroy();
  });

  if (subject.framing === 'stream') {
    it('puts together what arrives a byte at a time', async () => {
      const { near, far } = await opened();
      const text = 'ein Satz, Byte für Byte';
      for (const byte of bytes(text)) near.connection.write(Uint8Array.of(byte));
      await far.until((recorded) => recorded.text === text);
      near.connection.destroy();
      far.connection.destroy();
    });

    it('can still be written to when the peer has said its last', async () => {
      const { near, far } = await opened();
      near.connection.write(bytes('question'));
      await far.until(({ text }) => text === 'question');
      far.connection.close('done');
      await near.until(({ calls }) => calls.includes('end'));
      expect(near.connection.write(bytes('more'))).toBe(true);
      near.connection.close('done');
      await Promise.all([near.closed(), far.closed()]);
      expect(near.calls.at(-1)).toBe('closed');
    });
  }

  const { raw } = subject;
  if (!raw) return;

  it('tells a reset as an error', async () => {
    const { client, far } = await raw();
    far.start();
    client.send('hello');
    await far.until(({ text }) => text === 'hello');
    client.socket.resetAndDestroy();
    await far.closed();
    expect(far.error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('survives writes to a peer that has gone', async () => {
    const { client, far } = await raw();
    far.start();
    client.socket.resetAndDestroy();
    while (!far.isClosed) {
      far.connection.write(bytes('are you there?'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(far.count('closed')).toBe(1);
  });

  if (subject.framing === 'stream') {
    it('answers a peer that closes its half after asking', async () => {
      const { client, far } = await raw();
      far.start();
      client.stream.end('question');
      await far.until(({ calls }) => calls.includes('end'));
      expect(far.text).toBe('question');
      far.connection.write(bytes('answer'));
      far.connection.close('done');
      const answer = (await client.stream.toArray()) as Buffer[];
      expect(Buffer.concat(answer).toString()).toBe('answer');
      await far.closed();
      expect(far.calls).toEqual(['data', 'end', 'closed']);
    });
  }
}
