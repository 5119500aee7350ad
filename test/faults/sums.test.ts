import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createServer, type GateCounts, type GateServer } from '../../adapters/server/index.js';
import { type TestCertificates, testCertificates } from '../support/certificates.js';
import { closedOf } from '../support/closed.js';
import { registerRequest } from '../support/line-client.js';
import { WireClient } from '../support/wire-client.js';

let certificates: TestCertificates;
beforeAll(async () => {
  certificates = await testCertificates();
});

const valid = registerRequest();
const invalid = registerRequest({ clientName: 'stranger' });
const slowly = registerRequest({ clientName: 'slow' });
const another = { messageName: 'RequestAnything', referenceId: 9 };

/** Behaviours of a connected client. Each ends when its connection has ended, except those that stay. */
const deeds = {
  async registersAndLeaves(client: WireClient) {
    await client.ask(valid);
    client.raw.socket.end();
    await client.ended;
  },
  async registersAndDrops(client: WireClient) {
    await client.ask(valid);
    client.reset();
  },
  async registersTwice(client: WireClient) {
    await client.ask(valid);
    await client.ask(valid);
    client.destroy();
  },
  async isRefusedAndLeaves(client: WireClient) {
    await client.ask(invalid);
    client.raw.socket.end();
    await client.ended;
  },
  async isRefusedAndRegisters(client: WireClient) {
    await client.ask(invalid);
    await client.ask(valid);
    client.destroy();
  },
  async isRefusedAndWaits(client: WireClient) {
    await client.ask(invalid);
    await client.ended;
  },
  async asksInVain(client: WireClient) {
    for (let time = 0; time < 20; time += 1) client.say(another);
    await client.rest();
  },
  async saysNothing(client: WireClient) {
    await client.ended;
  },
  async leaves(client: WireClient) {
    client.raw.socket.end();
    await client.ended;
  },
  async resets(client: WireClient) {
    client.reset();
  },
  async talksGarbage(client: WireClient) {
    client.say('{"messageName": ');
    await client.ended;
  },
  async leavesWhileValidated(client: WireClient) {
    client.say(slowly);
    client.reset();
  },
  async waitsForTheValidator(client: WireClient) {
    await client.ask(slowly);
    client.destroy();
  },
  async staysRegistered(client: WireClient) {
    await client.ask(valid);
  },
  async staysSilent() {},
} satisfies Record<string, (client: WireClient) => Promise<void>>;

/** The behaviours that end with a reset. */
const resets: ReadonlySet<string> = new Set(['resets', 'leavesWhileValidated']);

const deed = fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[]));
const scheme = fc.constantFrom('tcp', 'tls', 'ws', 'wss', 'bytes without a handshake');
const visitor = fc.record({ deed, scheme });

type Visitor = { readonly deed: keyof typeof deeds; readonly scheme: string };

/** Random choice may miss some of them. */
const ofEveryKind: Visitor[] = [
  ...(
    [
      ...['registersAndLeaves', 'isRefusedAndWaits', 'saysNothing', 'leaves', 'talksGarbage'],
      ...['staysRegistered', 'staysSilent'],
    ] as (keyof typeof deeds)[]
  ).map((each) => ({ deed: each, scheme: 'tcp' })),
  { deed: 'leaves', scheme: 'bytes without a handshake' },
];
const tooMany: Visitor[] = Array(20).fill({ deed: 'staysSilent', scheme: 'tcp' });

/** Sends bytes to the TLS port that are not TLS. */
async function talkPlainlyTo(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port }).on('error', () => {});
  const closed = closedOf(socket);
  await once(socket, 'connect').catch(() => {});
  socket.end('hello\n');
  await closed;
}

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((total, number) => total + number, 0);
}

/** Properties of the sums that must always hold. */
function check({
  accepted,
  outcomes,
  rejected,
  limits,
  open,
  unregistered,
  registered,
}: GateCounts) {
  const undecided = accepted - sum(outcomes);
  expect(undecided).toBeGreaterThanOrEqual(0);
  // Connections without an outcome are open and unregistered.
  expect(undecided).toBeLessThanOrEqual(unregistered);
  expect(registered + unregistered).toBeLessThanOrEqual(open);
  expect(registered).toBeLessThanOrEqual(outcomes.registered);
  expect(open).toBeLessThanOrEqual(12);
  expect(limits.maxConnections).toBe(rejected['max-connections']);
}

/** The number of each event. The sums are checked at every event. */
function followed(server: GateServer) {
  const told = {
    connected: 0,
    registered: 0,
    refused: 0,
    disconnected: 0,
    'connection-rejected': 0,
    'handshake-failed': 0,
    problem: 0,
  };
  const wrong: unknown[] = [];
  for (const name of Object.keys(told) as (keyof typeof told)[]) {
    server.on(name, () => {
      told[name] += 1;
      try {
        check(server.counts());
      } catch (error) {
        wrong.push(error);
      }
    });
  }
  return { told, wrong };
}

async function visit(
  server: GateServer,
  visitors: readonly { deed: keyof typeof deeds; scheme: string }[],
) {
  const stayed: WireClient[] = [];
  const one = async ({ deed, scheme }: (typeof visitors)[number]) => {
    const endpoint = server.endpoints.find((each) => each.scheme === scheme);
    if (!endpoint) return talkPlainlyTo(server.endpoints[1]?.port ?? 0);
    // A rejected client is notified before it is connected, or after.
    const client = await WireClient.open(endpoint, certificates.ca).catch(() => null);
    if (!client) return;
    if (deed.startsWith('stays')) stayed.push(client);
    await deeds[deed](client);
  };
  await Promise.all(visitors.map(one));
  return stayed;
}

describe('The sums of a gate', () => {
  it('T41: agree for any mix of clients: each accepted one has one outcome, and nothing is left', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(visitor, { minLength: 10, maxLength: 40 }), async (visitors) => {
        const { cert, key } = certificates.server;
        const server = await createServer({
          listen: ['tcp', 'tls', 'ws', 'wss'].map((each) => `${each}://127.0.0.1:0`),
          tls: { cert, key },
          registrationTimeout: 400,
          rejectionTimeout: 200,
          maxConnections: 12,
          // On a busy machine the gate would reject clients, and report it.
          maxLag: 60_000,
          validator: ({ clientName }) =>
            clientName === 'slow'
              ? new Promise<boolean>((resolve) => setImmediate(resolve, true))
              : clientName !== 'stranger',
        });
        const { told, wrong } = followed(server);
        const stayed = await visit(server, visitors);
        await server.close();
        for (const { raw } of stayed) raw.socket.destroy();
        const counts = server.counts();
        const { accepted, outcomes, rejected, errors } = counts;
        for (const [name, times] of Object.entries({ ...outcomes, ...rejected })) {
          if (times > 0) seen.add(name);
        }
        expect(wrong).toEqual([]);
        check(counts);
        expect(sum(outcomes)).toBe(accepted);
        expect(counts).toMatchObject({
          open: 0,
          unregistered: 0,
          registered: 0,
          validationsRunning: 0,
          validationsWaiting: 0,
        });
        expect(told).toMatchObject({
          registered: outcomes.registered,
          refused: sum(errors),
          'connection-rejected': sum(rejected),
          problem: 0,
        });
        expect(told.connected).toBe(told.disconnected);
        expect(told.connected).toBeLessThanOrEqual(accepted - outcomes['handshake-failed']);
        // Clients that reset may be gone before the accept.
        const came = accepted + sum(rejected);
        expect(came).toBeLessThanOrEqual(visitors.length);
        const resetting = visitors.filter(({ deed }) => resets.has(deed)).length;
        expect(came).toBeGreaterThanOrEqual(visitors.length - resetting);
      }),
      { numRuns: 8, examples: [[ofEveryKind], [tooMany]] },
    );
    // All behaviours took part.
    const kinds = ['registered', 'refused', 'timed-out', 'left', 'protocol-error', 'closed'];
    expect([...seen]).toEqual(expect.arrayContaining(kinds));
    expect([...seen]).toEqual(expect.arrayContaining(['handshake-failed', 'max-connections']));
  }, 120_000);
});
