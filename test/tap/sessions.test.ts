import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../adapters/client/index.js';
import { SessionFeed } from '../../adapters/feed/index.js';
import { formatEndpoint } from '../../adapters/net/transports/endpoint.js';
import { openRecorder } from '../../adapters/recording/index.js';
import { createServer, type GateServer, type ServerOptions } from '../../adapters/server/index.js';
import { openTap, type Tap, type TapOptions } from '../../adapters/tap/index.js';
import { openPageServer, readRecording } from '../../adapters/web/index.js';
import {
  type ObservedSession,
  type SessionSummary,
  type StepRecord,
  sessionsOf,
} from '../../machines/index.js';
import { TestViewer } from '../feed/watched-gate.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { type Line, lineClient } from '../support/line-client.js';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

interface Tapped {
  readonly gate: GateServer;
  readonly tap: Tap;
  readonly endpoint: string;
  /** What the gate itself makes of it, and what the tap does. */
  readonly steps: { readonly gate: StepRecord[]; readonly tap: StepRecord[] };
}

async function tapped(
  scheme: 'tcp' | 'tls' | 'ws' | 'wss' = 'tcp',
  options: Partial<ServerOptions> = {},
  tapOptions: Partial<TapOptions> = {},
): Promise<Tapped> {
  const {
    ca,
    server: { cert, key },
  } = certificates;
  const isSecure = scheme === 'tls' || scheme === 'wss';
  const gate = await createServer({
    listen: [`${scheme}://127.0.0.1:0`],
    registrationTimeout: 300,
    rejectionTimeout: 200,
    validator: ({ clientName }) => clientName !== 'kiosk-9',
    ...(isSecure && { tls: { cert, key } }),
    ...options,
  });
  const [endpoint] = gate.endpoints.map(formatEndpoint);
  const tap = await openTap({
    listen: `${scheme}://127.0.0.1:0`,
    to: endpoint ?? '',
    ...(isSecure && { tls: { cert, key }, tlsTo: { ca, servername: 'localhost' } }),
    ...tapOptions,
  });
  open.push(
    () => gate.close(),
    () => tap.close(),
  );
  const steps = { gate: [] as StepRecord[], tap: [] as StepRecord[] };
  gate.on('step', (step) => steps.gate.push(step));
  tap.on('step', (step) => steps.tap.push(step));
  return { gate, tap, endpoint: tap.endpoints.map(formatEndpoint)[0] ?? '', steps };
}

const said = (steps: readonly StepRecord[]) =>
  steps.map(({ name, from, to, referenceId, direction }) => [
    name,
    from,
    to,
    referenceId,
    direction,
  ]);

const ask = (clientName: string, referenceId = 1) => ({
  messageName: 'RequestRegisterClient',
  referenceId,
  clientName,
  clientType: 'AgentApplication',
});
const submit = { messageName: 'RequestSubmit', referenceId: 9 };

describe('A session of a tap', () => {
  const ways: readonly [SessionSummary['verdict'], readonly Line[]][] = [
    ['refused', [ask('kiosk-9')]],
    ['spoke-first', [submit]],
    ['refused-then-spoke', [ask('kiosk-9'), submit]],
    ['silent', []],
  ];
  it.each(ways)('is what the gate makes of it: %s', async (verdict, messages) => {
    const { tap, steps } = await tapped();
    const ended = once(tap, 'session');
    const client = await lineClient(tap.endpoints[0]?.port ?? 0);
    for (const message of messages) {
      client.say(message);
      await client.next();
    }
    const [session] = (await ended) as [ObservedSession];
    expect(session.summary.verdict).toBe(verdict);
    await expect.poll(() => said(steps.gate)).toEqual(said(steps.tap));
    client.socket.destroy();
  });

  it.each(['tcp', 'tls', 'ws', 'wss'] as const)('is registered on %s', async (scheme) => {
    const { endpoint, tap, steps } = await tapped(scheme);
    const ended = once(tap, 'session');
    await using client = createClient({
      endpoints: [endpoint],
      clientName: 'desk-1',
      clientType: 'AgentApplication',
      extension: { pin: 'secret' },
      tls: { ca: certificates.ca, servername: 'localhost' },
    });
    await once(client, 'registered');
    await client.close();
    const [session] = (await ended) as [ObservedSession];
    expect(session).toMatchObject({ client: 'desk-1', summary: { verdict: 'registered' } });
    expect(session.findings).toBe(0);
    await expect.poll(() => said(steps.gate)).toEqual(said(steps.tap));
    expect(JSON.stringify(steps.tap)).not.toContain('secret');
  });

  it('with an invalid frame is reported without the content of the frame', async () => {
    const { tap } = await tapped();
    const told = once(tap, 'unreadable');
    const ended = once(tap, 'session');
    const client = await lineClient(tap.endpoints[0]?.port ?? 0);
    client.socket.write('pin=1234\n');
    const [unreadable] = await told;
    expect(unreadable).toMatchObject({
      by: 'client',
      description: expect.stringContaining('JSON'),
    });
    expect(JSON.stringify(unreadable)).not.toContain('1234');
    const [session] = (await ended) as [ObservedSession];
    expect(session.summary.verdict).toBe('bad-frame');
    client.socket.destroy();
  });

  it('with a deadline that is known has what is left of it at each step', async () => {
    const { tap, steps } = await tapped(
      'tcp',
      {},
      { registrationTimeout: 300, rejectionTimeout: 200 },
    );
    const ended = once(tap, 'session');
    const client = await lineClient(tap.endpoints[0]?.port ?? 0);
    const [session] = (await ended) as [ObservedSession];
    expect(session.summary.reason).toBe('registration-timeout');
    expect(session.inferred).toEqual([]);
    expect(steps.tap[0]?.deadline).toBe(300);
    client.socket.destroy();
  });

  it('is seen on the page as it happens', async () => {
    const { tap } = await tapped();
    const delays = { registrationTimeout: 300, rejectionTimeout: 200 };
    const feed = new SessionFeed(tap, { gate: 'a tap', delays });
    const page = await openPageServer({ feed });
    open.push(() => page.close());
    const index = await fetch(`${page.url}/recordings.json`);
    expect(await index.json()).toMatchObject({ gate: true });
    const viewer = await TestViewer.open(`${page.url.replace('http', 'ws')}/feed`);
    viewer.say({ type: 'list' });
    const client = await lineClient(tap.endpoints[0]?.port ?? 0);
    client.say(ask('desk-1'));
    await client.next();
    const seen = () => [...viewer.list.values()].find(({ verdict }) => verdict === 'registered');
    await viewer.until(() => seen() !== undefined);
    expect(seen()).toMatchObject({ clientName: 'desk-1', seat: 'observer' });
    client.socket.destroy();
    viewer.socket.close();
  });

  it('is recorded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ixgate-tap-'));
    open.push(() => rm(folder, { recursive: true, force: true }));
    const { tap } = await tapped();
    const recorder = await openRecorder({ folder });
    tap.on('step', (step) => recorder.record(step));
    const ended = once(tap, 'session');
    const client = await lineClient(tap.endpoints[0]?.port ?? 0);
    client.say(ask('desk-1'));
    await client.next();
    client.socket.end();
    await ended;
    await recorder.close();
    const [name] = await readdir(folder);
    const { steps } = await readRecording(join(folder, name ?? ''));
    const [session] = [...sessionsOf(steps).values()];
    expect(session?.summary).toMatchObject({ verdict: 'registered', clientName: 'desk-1' });
  });
});
