import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { serving } from '../cli/ixgate.js';
import { testCertificates } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { lineClient, registerRequest } from '../support/line-client.js';

export const dashboardFile = 'deploy/grafana/ixgate.json';
export const rulesFile = 'deploy/prometheus/ixgate.rules.yml';

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook: string;
  };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

export async function alertRules(): Promise<readonly Rule[]> {
  return parse(await readFile(rulesFile, 'utf8')).groups[0].rules;
}

export async function dashboard(): Promise<{
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
}> {
  return JSON.parse(await readFile(dashboardFile, 'utf8'));
}

/** Every expression of the dashboard, as Grafana sends it, by its panel. */
export async function dashboardExpressions(): Promise<[panel: string, expr: string][]> {
  const { panels } = await dashboard();
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [
      title,
      expr.replaceAll('$__rate_interval', '1m').replace(/\$(job|instance)\b/g, '.*'),
    ]),
  );
}

/** A gate with everything that has metrics: workers, a recording, a certificate and a feed; after traffic of all kinds. */
export async function monitoredGate() {
  const folder = await temporaryFolder();
  const { server } = await testCertificates();
  const [cert, key] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
  await writeFile(cert, server.cert);
  await writeFile(key, server.key, { mode: 0o600 });
  const gate = await serving([
    ...['--workers', '2', '--record', join(folder.path, 'records')],
    ...['--listen', 'tcp://127.0.0.1:0', '--listen', 'tls://127.0.0.1:0'],
    ...['--tls-cert', cert, '--tls-key', key],
    ...['--admin', 'http://127.0.0.1:0', '--max-connections', '6', '--proxy-clients', '5'],
  ]);
  const metrics = async () => (await fetch(`${gate.admin}/metrics`)).text();
  return {
    gate,
    metrics,
    /** Registrations, refusals, an invalid frame, messages, a proxy, and a rejected connection. */
    async traffic() {
      await using proxy = await lineClient(gate.port);
      await proxy.ask(registerRequest({ clientType: 'Proxy', proxyClientId: 1 }));
      await proxy.ask(registerRequest({ clientName: 'desk-2', proxyClientId: 2 }));
      await proxy.ask({ messageName: 'RequestAgentLogin', referenceId: 2 });
      await using refused = await lineClient(gate.port);
      await refused.ask({ messageName: 'RequestAgentLogin', referenceId: 1 });
      await using wrong = await lineClient(gate.port);
      await wrong.ask('no JSON\n');
      await wrong.ended;
    },
    async [Symbol.asyncDispose]() {
      await gate[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
