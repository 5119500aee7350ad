import { X509Certificate } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Endpoint, parseEndpoint } from '../../adapters/net/transports/index.js';
import { type SelfSigned, selfSigned } from '../../adapters/net/transports/self-signed.js';
import { serving } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { registerRequest } from '../support/line-client.js';
import { visit } from '../support/tls-visits.js';
import { WireClient } from '../support/wire-client.js';

/** The number of clients that connect concurrently; more would be a flood, which other tests cover. */
const atOnce = 50;

export interface Figures {
  readonly sessions: number;
  readonly reloads: number;
  /** The maximum of the milliseconds from the new files until the log reports the reload. */
  readonly longestReload: number;
}

/**
 * A gate with `count` registered sessions, half of them over TLS, gets new certificates three times: by files that are replaced, by
 * files with new names, by SIGHUP. No client is disconnected, every request is answered, and new clients see the new certificate.
 */
export async function reloadedUnder(sessions: number): Promise<Figures> {
  await using folder = await temporaryFolder();
  const put = async (name: string, text: string) => {
    await writeFile(join(folder.path, `${name}.new`), text);
    await rename(join(folder.path, `${name}.new`), join(folder.path, name));
  };
  const putCertificate = async ({ cert, key }: SelfSigned, name: string) => {
    await put(`${name}.key`, key);
    await put(`${name}.pem`, cert);
  };
  const config = (name: string, maxErrors: number) =>
    `tlsCert: ${name}.pem\ntlsKey: ${name}.key\nmaxErrors: ${maxErrors}\n`;
  const first = await selfSigned();
  await putCertificate(first, 'one');
  await put('ixgate.config.yaml', config('one', 16));
  const listen = ['--listen', 'tcp://127.0.0.1:0', '--listen', 'tls://127.0.0.1:0'];
  await using gate = await serving(listen, { cwd: folder.path });
  const [tcp, tls] = gate.endpoints.map(parseEndpoint) as [Endpoint, Endpoint];

  const clients: WireClient[] = [];
  let over = 0;
  await inTurns(sessions, async (index) => {
    const client = await WireClient.open(index % 2 === 0 ? tcp : tls, first.ca);
    void client.ended.then(() => {
      over += 1;
    });
    clients.push(client);
    const answer = await client.ask(registerRequest({ clientName: `desk-${index}` }));
    expect(answer).toMatchObject({ messageName: 'EventAck' });
  });
  const shown = (await visit(tls, { ca: first.ca })).fingerprint;
  expect(shown).toBe(new X509Certificate(first.cert).fingerprint256);

  const ways = [
    async (fresh: SelfSigned) => putCertificate(fresh, 'one'),
    async (fresh: SelfSigned) => {
      await putCertificate(fresh, 'two');
      await put('ixgate.config.yaml', config('two', 8));
    },
    async (fresh: SelfSigned) => {
      await putCertificate(fresh, 'two');
      gate.child.kill('SIGHUP');
    },
  ];
  let longestReload = 0;
  for (const [round, change] of ways.entries()) {
    const fresh = await selfSigned();
    const start = performance.now();
    await change(fresh);
    await inForce(gate, tls, fresh);
    longestReload = Math.max(longestReload, performance.now() - start);
    await inTurns(clients.length, async (index) => {
      const referenceId = 100 + round;
      const answer = await clients[index]?.ask({ messageName: 'RequestStatus', referenceId });
      expect(answer).toEqual({ messageName: 'EventAck', referenceId });
    });
    expect(over).toBe(0);
  }
  for (const client of clients) client.destroy();
  return { sessions: clients.length, reloads: ways.length, longestReload };
}

/** Resolves when a new handshake shows this certificate; checked after each reload message of the gate. */
async function inForce(
  gate: Awaited<ReturnType<typeof serving>>,
  tls: Endpoint,
  { cert, ca }: SelfSigned,
): Promise<void> {
  const wanted = new X509Certificate(cert).fingerprint256;
  do await gate.event('reloaded');
  while ((await visit(tls, { ca, rejectUnauthorized: false })).fingerprint !== wanted);
}

/** Calls a function for each number below `count`, with bounded concurrency. */
async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
