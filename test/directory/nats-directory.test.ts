import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Bucket, Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeardKicks } from '../../adapters/directory/nats/heard-kicks.js';
import { loadPackages } from '../../adapters/directory/nats/load-packages.js';
import { NameStore } from '../../adapters/directory/nats/name-store.js';
import type { StoredValue } from '../../adapters/directory/nats/nats-bucket.js';
import type { NameValue } from '../../adapters/directory/nats/nats-names.js';
import { parseNatsUrl } from '../../adapters/directory/nats/nats-url.js';
import { openNatsDirectory } from '../../adapters/directory/nats/open-nats-directory.js';
import { testCertificates } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { freePort } from '../support/free-port.js';
import { describeDirectory } from './contract.js';
import { NatsServer, natsVersion } from './nats-server.js';
import { NatsGate, natsStore } from './nats-stores.js';

const minVersion = '2.9.0';

describe.skipIf(natsVersion === null)('a directory in NATS', () => {
  let server: NatsServer;

  beforeAll(async () => {
    server = await NatsServer.start();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  describeDirectory('nats', async (lease) => natsStore(server.url, { lease }));

  it('marks a lease that has ended before its names are free, so that no renewal revives it', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'mark' });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    await a.granted('anna');
    await using leases = await bucket(server, 'ixgate-mark-leases');
    const key = `l.${a.incarnation}`;
    await leases.kv.delete(key);
    await b.granted('anna');
    expect((await leases.kv.get(key))?.json()).toEqual({ n: '', end: 'gone' });
    expect(await a.renew()).toEqual({ outcome: 'lapsed' });
  });

  it('grants nothing without a lease in the store, whatever the clock of the gate tells', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'clock' });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    await using leases = await bucket(server, 'ixgate-clock-leases');
    await leases.kv.delete(`l.${a.incarnation}`);
    expect(await a.claim('anna')).toEqual({ outcome: 'lapsed' });
    expect(await b.partition.held(a.incarnation)).toEqual([]);
  });

  it('calls gap when a kick was counted in the lease of another gate and not heard', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'counted' });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    await using leases = await bucket(server, 'ixgate-counted-leases');
    await leases.kv.put(
      `l.${b.incarnation}`,
      JSON.stringify({ n: 'b', k: { [a.incarnation]: 1 } }),
    );
    await a.renew();
    expect(a.gaps).toBe(0);
    await a.renew();
    expect(a.gaps).toBe(1);
    await a.renew();
    expect(a.gaps).toBe(1);
  });

  it('calls no gap for kicks that were heard', async () => {
    await using store = natsStore(server.url, { lease: 60_000 });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    for (const name of ['one', 'two', 'three']) {
      await a.granted(name);
      await b.granted(name, 'takeover');
    }
    await expect.poll(() => a.kicks.length).toBe(3);
    for (const one of [b, a, b, a]) await one.renew();
    expect([a.gaps, b.gaps]).toEqual([0, 0]);
  });

  it('calls gap when another gate ends without leaving, and not when it leaves', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'ends' });
    const [a, b, c] = [await gate(store, 'a'), await gate(store, 'b'), await gate(store, 'c')];
    await a.renew();
    await b.partition.leave(b.incarnation);
    await a.renew();
    expect(a.gaps).toBe(0);
    await using leases = await bucket(server, 'ixgate-ends-leases');
    await leases.kv.purge(`l.${c.incarnation}`);
    expect(await a.renew()).toEqual({ outcome: 'renewed', expired: [c.incarnation] });
    expect(a.gaps).toBe(1);
  });

  it('calls gap when its bucket was emptied', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'emptied' });
    const a = await gate(store, 'a');
    await a.granted('anna');
    await a.renew();
    await using names = await bucket(server, 'ixgate-emptied-names');
    await names.kv.purgeBucket();
    expect(a.gaps).toBe(0);
    await a.renew();
    expect(a.gaps).toBe(1);
    await a.renew();
    expect(a.gaps).toBe(1);
  });

  it('grants a name whose key another program has deleted, or written over', async () => {
    await using store = natsStore(server.url, { cluster: 'foreign' });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    await a.granted('deleted');
    const epoch = await a.granted('changed');
    await using names = await bucket(server, 'ixgate-foreign-names');
    await names.kv.delete(Buffer.from('deleted').toString('base64url'));
    await names.kv.put(Buffer.from('changed').toString('base64url'), '{');
    expect(await a.partition.held(a.incarnation)).toEqual([]);
    await b.granted('deleted');
    expect(await b.granted('changed')).toBeGreaterThan(epoch);
    expect(await a.holdersOf('changed')).toEqual(['b']);
  });

  it('goes on when another program sends to its subjects', async () => {
    await using store = natsStore(server.url, { cluster: 'subjects' });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    const other = await connect({ servers: `127.0.0.1:${server.port}` });
    for (const text of ['', '{', 'null', '1']) other.publish('ixgate.subjects.all', text);
    await other.drain();
    await a.granted('anna');
    await b.granted('anna', 'takeover');
    await expect.poll(() => a.kicks.length).toBe(1);
  });

  it('creates a bucket again that was removed, and calls gap', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'removed' });
    const a = await gate(store, 'a');
    const settings = { format: 1, lease: 60_000, partitions: 1 };
    await a.directory.agree(settings);
    const epoch = await a.granted('anna');
    for (const name of ['names', 'settings', 'leases']) {
      await using one = await bucket(server, `ixgate-removed-${name}`);
      await one.kv.destroy();
    }
    await expect(a.claim('anna')).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' });
    await expect.poll(() => a.gaps).toBe(1);
    expect(await a.renew()).toEqual({ outcome: 'lapsed' });
    expect(await a.directory.agree({ ...settings, format: 2 })).toEqual(settings);
    await a.join();
    expect(await a.granted('anna')).toBeGreaterThan(epoch);
  });

  it('keeps the keys of names that were released or swept out of the store', async () => {
    await using store = natsStore(server.url, { lease: 60_000, cluster: 'clean' });
    const [a, b] = [await gate(store, 'a'), await gate(store, 'b')];
    const epoch = await a.granted('released');
    await a.granted('left');
    await b.granted('left', 'takeover');
    const session = 'a-1';
    await using names = await bucket(server, 'ixgate-clean-names');
    await a.partition.release(a.incarnation, { clientName: 'released', session, epoch });
    // The name that was taken over has two values.
    expect(await names.kv.status()).toMatchObject({ values: 2 });
    await b.partition.leave(b.incarnation);
    const keys: string[] = [];
    for await (const key of await names.kv.keys()) keys.push(key);
    expect(keys.filter((key) => !key.startsWith('='))).toEqual([]);
  });

  it('keeps clusters apart whose names have dots and underscores', async () => {
    const clusters = ['x.y', 'x_y', 'x_dy', 'x__y', 'x-y'];
    const stores = clusters.map((cluster) => natsStore(server.url, { cluster }));
    for (const store of stores) {
      const one = await gate(store, 'same');
      await one.granted('anna');
      expect(await one.partition.list()).toHaveLength(1);
    }
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  });

  it('rejects a gate with another lease than the cluster has', async () => {
    await using store = natsStore(server.url, { cluster: 'lease', lease: 5_000 });
    await store.connect();
    const other = openNatsDirectory(server.url, { cluster: 'lease', lease: 6_000, minVersion });
    await expect(other).rejects.toMatchObject({
      code: 'CLUSTER_SETTINGS',
      message: expect.stringMatching(/5000 ms, not 6000 ms/),
    });
  });

  it('rejects a server that is too old, and tells its version and the one it needs', async () => {
    const minor = Number(natsVersion?.split('.')[1]);
    const newer = `2.${minor + 1}.0`;
    const opened = openNatsDirectory(server.url, { cluster: 'c', minVersion: newer });
    await expect(opened).rejects.toMatchObject({
      code: 'DIRECTORY_UNSUPPORTED',
      message: expect.stringContaining(`nats-server ${natsVersion}; the directory needs ${newer}`),
    });
    // By default 2.11.0, which this server may have.
    if (minor >= 11) return;
    await expect(openNatsDirectory(server.url, { cluster: 'c' })).rejects.toMatchObject({
      message: expect.stringContaining('needs 2.11.0 or newer'),
    });
  });

  it('rejects a server without JetStream', async () => {
    await using off = await NatsServer.start('--name', 'off');
    await expect(openNatsDirectory(off.url, { cluster: 'c', minVersion })).rejects.toMatchObject({
      code: 'DIRECTORY_UNSUPPORTED',
      message: expect.stringContaining('JetStream'),
    });
  });

  it('signs in with a user and a password, and shows none of them', async () => {
    await using closed = await NatsServer.start('--jetstream', '--user', 'me', '--pass', 'p@ss/1');
    const at = (user: string) => closed.url.replace('//', `//${user}@`);
    const options = { cluster: 'c', minVersion };
    for (const user of ['me:wr0ng', 'wr0ng', 'other:p%40ss%2F1']) {
      const opened = openNatsDirectory(at(user), options);
      await expect(opened).rejects.toMatchObject({
        code: 'DIRECTORY_AUTH',
        message: expect.not.stringMatching(/wr0ng|p@ss|p%40ss/),
      });
    }
    await expect(openNatsDirectory(closed.url, options)).rejects.toMatchObject({
      code: 'DIRECTORY_AUTH',
    });
    await using directory = await openNatsDirectory(at('me:p%40ss%2F1'), options);
    expect(directory.address).toBe(closed.url);
  });

  it('signs in with a token', async () => {
    await using closed = await NatsServer.start('--jetstream', '--auth', 't0ken');
    const options = { cluster: 'c', minVersion };
    await using directory = await openNatsDirectory(closed.url.replace('//', '//t0ken@'), options);
    expect(directory.address).toBe(closed.url);
  });

  it('connects over TLS to a server whose certificate is trusted', async () => {
    await using folder = await temporaryFolder();
    const { ca, server: own } = await testCertificates();
    const [cert, key] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
    await writeFile(cert, own.cert);
    await writeFile(key, own.key);
    const tls = ['--tls', '--tlscert', cert, '--tlskey', key];
    await using secure = await NatsServer.start('--jetstream', ...tls);
    const url = secure.url.replace('nats:', 'tls:');
    await using directory = await openNatsDirectory(url, { cluster: 'c', minVersion, ca });
    expect(directory.address).toBe(url);
    await expect(openNatsDirectory(url, { cluster: 'c', minVersion })).rejects.toMatchObject({
      code: 'DIRECTORY_UNREACHABLE',
      message: expect.stringContaining('certificate'),
    });
  });

  it('uses the server that answers when one of several does not', async () => {
    const url = `nats://127.0.0.1:${await freePort()},127.0.0.1:${server.port}`;
    await using directory = await openNatsDirectory(url, { cluster: 'several', minVersion });
    expect(directory.address).toBe(url);
    expect(Math.abs((await directory.time()) - Date.now())).toBeLessThan(60_000);
  });
});

describe('opening a directory in NATS', () => {
  it('fails where nothing listens', async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    await expect(openNatsDirectory(url, { cluster: 'c' })).rejects.toMatchObject({
      code: 'DIRECTORY_UNREACHABLE',
      message: expect.stringContaining(url),
    });
  });

  it.each([
    ['a greeting of another protocol', (socket: Socket) => socket.write('SSH-2.0-x\r\n')],
    ['an INFO that is not JSON', (socket: Socket) => socket.write('INFO x\r\n')],
    ['INFO without a version', (socket: Socket) => socket.write('INFO {}\r\n')],
    ['a line without an end', (socket: Socket) => socket.write(`INFO ${' '.repeat(100_000)}`)],
    ['the end of the connection', (socket: Socket) => socket.end()],
  ])('fails for a server that sends %s', async (_, greet) => {
    const other = createServer((socket) => greet(socket.on('error', () => {}))).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const opened = openNatsDirectory(`nats://127.0.0.1:${port}`, { cluster: 'c' });
    await expect(opened).rejects.toMatchObject({
      code: 'DIRECTORY_UNSUPPORTED',
      message: expect.stringContaining('is not a NATS server'),
    });
    other.close();
  });

  it.each([
    ...['', 'x', 'nats://', 'nats:host', 'http://host', 'nats://host:0', 'nats://host:99999'],
    ...['nats://host/path', 'nats://host?x=1', 'nats://host,', 'nats://a,tls://b', 'nats://a b'],
    ...['nats://u:s3cret@a,nats://u:0ther@b', 'nats://u:s3cret@', 'nats://u:s3c/ret@host/x'],
    ...['nats://u:s3,cret@host', 'nats://:s3cret@host', 'nats://%E0:s3cret@host'],
  ])('rejects the address %j without showing a password', async (url) => {
    const opened = openNatsDirectory(url, { cluster: 'c' });
    await expect(opened).rejects.toMatchObject({
      ...{ code: 'BAD_OPTION', option: 'directory' },
      message: expect.not.stringMatching(/s3c|cret|0ther/),
    });
  });

  it.each([
    ['nats://host', 'nats://host:4222', {}],
    ['tls://host:1', 'tls://host:1', {}],
    ['nats://me:p%40ss@host', 'nats://host:4222', { user: 'me', pass: 'p@ss' }],
    ['nats://t0ken@[::1]:5', 'nats://[::1]:5', { token: 't0ken' }],
    ['nats://me:pw@a,b:2,nats://c', 'nats://a:4222,b:2,c:4222', { user: 'me', pass: 'pw' }],
  ])('reads the address %j', (url, shown, credentials) => {
    expect(parseNatsUrl(url)).toMatchObject({ shown, credentials });
  });

  it('reads the number of copies at the end of the address', () => {
    expect(parseNatsUrl('nats://a,b:2?replicas=3')).toMatchObject({
      ...{ replicas: 3, shown: 'nats://a:4222,b:2' },
    });
    expect(parseNatsUrl('nats://a')).toMatchObject({ replicas: 1 });
    expect(() => parseNatsUrl('nats://a?replicas=6')).toThrow('?replicas=N');
  });

  it('rejects options out of range', async () => {
    const open = (options: object) => openNatsDirectory('nats://h', { cluster: 'c', ...options });
    for (const options of [{ cluster: 'a b' }, { lease: 99 }, { replicas: 6 }, { replicas: 0 }]) {
      await expect(open(options)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    }
  });

  it('tells how to install the client when it is missing', async () => {
    const missing = Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(loadPackages(() => Promise.reject(missing))).rejects.toMatchObject({
      code: 'DIRECTORY_PACKAGE',
      message: expect.stringContaining('npm install @nats-io/kv@3 @nats-io/transport-node@3'),
    });
  });
});

describe('a write of a name that gets no answer', () => {
  it('has arrived or never arrives, when the names of the gate are read', async () => {
    const puts: unknown[] = [];
    let stored: StoredValue<NameValue> | null = null;
    const names = {
      get: async () => stored,
      scan: async () => [],
      put: async (_: string, value: NameValue, expected: number) => {
        puts.push({ expected, holders: value.h.length });
        if (puts.length === 1) throw new Error('no answer');
        if (puts.length > 2) return 9;
        // Another gate writes the name meanwhile.
        stored = { key: 'YW5uYQ', value: { h: [], f: 1 }, revision: 5, time: 1 };
        return null;
      },
    };
    const floor = { get: async () => null };
    const store = new NameStore(names as never, floor as never, {
      onLoss: () => {},
      late: () => new Error('late'),
    });
    const entry = { clientName: 'anna', session: 's', epoch: 0, incarnation: 'i', node: 'a' };
    const written = store.write(await store.read('anna'), [entry]);
    await expect(written).rejects.toThrow('no answer');
    await store.settle();
    await store.settle();
    expect(puts).toEqual([
      { expected: 0, holders: 1 },
      { expected: 0, holders: 0 },
      { expected: 5, holders: 0 },
    ]);
  });
});

describe('the numbers of kicks', () => {
  it('find a lost kick by the next one', () => {
    const heard = new HeardKicks();
    expect([1, 2, 4, 5, 4].map((number) => heard.hear('a', 'b', number))).toEqual([
      ...[true, true, false, true, true],
    ]);
    expect(heard.hear('a', 'c', 1)).toBe(true);
    expect(heard.hear('other', 'b', 2)).toBe(false);
  });

  it('find a lost kick by the lease at the second renewal, once', () => {
    const heard = new HeardKicks();
    heard.hear('a', 'b', 1);
    const leases = new Map([['b', 2]]);
    expect([1, 2, 3].map(() => heard.agrees('a', leases))).toEqual([true, false, true]);
    expect(heard.hear('a', 'b', 3)).toBe(true);
  });
});

async function gate(store: ReturnType<typeof natsStore>, node: string): Promise<NatsGate> {
  return await NatsGate.open(await store.connect(), node);
}

/** A bucket, changed past the directory. */
async function bucket(
  server: NatsServer,
  name: string,
): Promise<AsyncDisposable & { readonly kv: Bucket }> {
  const connection = await connect({ servers: `127.0.0.1:${server.port}` });
  const kv = (await new Kvm(connection).open(name)) as Bucket;
  return { kv, [Symbol.asyncDispose]: () => connection.close() };
}
