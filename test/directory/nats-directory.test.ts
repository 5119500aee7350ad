import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Directory, HeldName, Kick } from '../../adapters/directory/directory.js';
import { openNatsDirectory } from '../../adapters/directory/nats/open-nats-directory.js';
import { NatsServer, natsMissing } from './nats-server.js';

describe('smoke', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });
  it('works', async () => {
    const open = () =>
      openNatsDirectory(server.url, { cluster: 'one', minVersion: '2.9.0', lease: 1000 });
    const a = await open();
    const b = await open();
    const [pa] = a.partitions;
    const [pb] = b.partitions;
    const kicks: Kick[] = [];
    let gaps = 0;
    const texts: string[] = [];
    await a.watch('a', {
      kick: (k) => kicks.push(k),
      gap: () => {
        gaps++;
      },
      message: (t) => texts.push(t),
    });
    const ia = await pa!.join('a');
    const ib = await pb!.join('b');
    console.log(
      await pa!.claim({
        incarnation: ia,
        clientName: 'n1',
        session: 's1',
        cap: 1,
        policy: 'reject',
      }),
    );
    console.log(
      await pb!.claim({
        incarnation: ib,
        clientName: 'n1',
        session: 's2',
        cap: 1,
        policy: 'reject',
      }),
    );
    console.log(
      await pb!.claim({
        incarnation: ib,
        clientName: 'n1',
        session: 's2',
        cap: 1,
        policy: 'takeover',
      }),
    );
    await b.send('a', 'hi');
    await b.send(null, 'all');
    await expect.poll(() => texts).toEqual(['hi', 'all']);
    console.log(kicks, await pa!.list(), await pa!.holders('n1'), await pb!.held(ib));
    console.log(await pa!.renew(ia), await pb!.renew(ib), (await a.time()) - Date.now());
    const t = performance.now();
    const N = 2000;
    const q: Promise<unknown>[] = [];
    let next = 0;
    const work = async () => {
      while (next < N) {
        const i = next++;
        await pa!.claim({
          incarnation: ia,
          clientName: 'x' + i,
          session: 's' + i,
          cap: 1,
          policy: 'reject',
        });
      }
    };
    for (let i = 0; i < 64; i++) q.push(work());
    await Promise.all(q);
    console.log('claims/s', (N / (performance.now() - t)) * 1000);
    const t2 = performance.now();
    const held = await pa!.held(ia);
    console.log('held', held.length, performance.now() - t2);
    const t3 = performance.now();
    await pa!.leave(ia);
    console.log('leave', performance.now() - t3, await pb!.list(), await pb!.held(ia));
    console.log('gaps', gaps);
    await a.close();
    await b.close();
  });
});
