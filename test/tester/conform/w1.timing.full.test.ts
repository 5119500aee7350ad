import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../adapters/net/transports/self-signed.js';
import { createServer, type GateServer, invalid, valid } from '../../../adapters/server/index.js';
import { conform, endpointTarget } from '../../../adapters/tester/index.js';
import { type Criterion, figureClients, ServerModel, suiteOf } from '../../../machines/index.js';

/** Far enough apart for a margin that a busy machine keeps. */
const timeouts = { registrationTimeout: 1_200, rejectionTimeout: 700 };
const schemes = ['tcp', 'tls', 'ws', 'wss'];

let gate: GateServer;
let ca: string;
beforeAll(async () => {
  const certificate = await selfSigned();
  ca = certificate.ca;
  gate = await createServer({
    listen: schemes.map((scheme) => `${scheme}://127.0.0.1:0`),
    ...timeouts,
    tls: { cert: certificate.cert, key: certificate.key },
    validator: ({ clientName }) =>
      clientName === figureClients.valid.clientName ? valid : invalid('unknown name'),
  });
});
afterAll(() => gate.close());

function played(scheme: string, criterion: Criterion) {
  const endpoint = gate.endpoints.find((one) => one.scheme === scheme);
  if (!endpoint) throw new Error(`no endpoint was opened for ${scheme}`);
  const suite = suiteOf(new ServerModel({ answers: 'any' }), criterion);
  const target = endpointTarget(endpoint, { ca });
  return conform({ target, suite, ...timeouts, connections: 64, margin: 180, attempts: 6 });
}

describe('this gate', () => {
  it('passes every case of w1: each documented edge, and each choice of this project', async () => {
    const report = await played('tcp', 'w1');
    expect(report.failures.map(({ difference }) => difference)).toEqual([]);
    expect(report.inconclusive).toEqual([]);
    expect(report.passed).toBe(true);
    const { total, passed } = report.cases;
    expect(passed).toBe(total);
    const documented = report.edges.filter(({ figures }) => figures.length > 0);
    expect(documented.map(({ edge, verdict }) => `${edge} ${verdict}`)).toEqual([
      'connecting:Connected pass',
      'awaiting:RequestRegisterClient pass',
      'awaiting:OtherMessage pass',
      'validating:EventAck pass',
      'validating:EventError pass',
      'refusing:EventError pass',
      'registration:EventError pass',
      'rejection:rejectionTimeout pass',
    ]);
    expect(report.edges.every(({ verdict }) => verdict === 'pass')).toBe(true);
  }, 60_000);

  it.concurrent.each(schemes.slice(1))('takes every transition over %s', async (scheme) => {
    const report = await played(scheme, 'transitions');
    expect(report.failures.map(({ difference }) => difference)).toEqual([]);
    expect(report.passed).toBe(true);
  });
});
