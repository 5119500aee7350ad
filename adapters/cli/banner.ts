import { duration, visible } from '../../machines/text/format.js';
import type { AdminPort } from '../admin/admin-port.js';
import type { ServeConfig } from '../config/index.js';
import { type Endpoint, formatEndpoint } from '../net/transports/endpoint.js';
import { version } from '../runtime/version.js';
import type { DirectoryStatus } from '../server/gate-view.js';
import type { GateView } from '../server/index.js';
import { addressOf } from '../web/index.js';

/** The start message: all addresses, and three commands to try. */
export function banner(
  config: ServeConfig,
  server: GateView,
  admin: AdminPort | null,
  paint: { bold(text: string): string; dim(text: string): string },
): string {
  const { registrationTimeout, rejectionTimeout, answer, record, recordSync } = config;
  const asks = config.adminToken === undefined ? '' : '  (asks for the token of --admin-token)';
  const lines = [
    paint.bold(`ixgate ${version()}`),
    ...(admin ? [`  watch    ${pageAddress(config, admin)}${asks}`] : []),
    ...server.endpoints.map((endpoint) => `  clients  ${formatEndpoint(endpoint)}`),
    ...(admin ? [`  admin    ${admin.url}  (/healthz /readyz /metrics /sessions)`] : []),
    ...(server.directory ? [`  cluster  ${clusterLine(server.directory)}`] : []),
    ...(record === undefined ? [] : [`  record   ${visible(record)}  (sync ${recordSync})`]),
    `  ${whoMayRegister(config)}; registration timeout ${duration(registrationTimeout)}, after a refusal ${duration(rejectionTimeout)}`,
    `  ${answer === 'ack' ? 'requests of registered clients are answered with EventAck' : 'requests of registered clients are not answered'}`,
    '',
    paint.dim('Try, from another terminal:'),
    ...commandsToTry(server.endpoints).map((command) => `  ${command}`),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function clusterLine({ cluster, node, address }: DirectoryStatus): string {
  return `${cluster}, this gate is ${node}  (names in ${address})`;
}

/** The address of the page for a browser. The page asks for the token, which must not be in addresses or logs. */
export function pageAddress({ adminPublicUrl }: ServeConfig, { url }: AdminPort): string {
  if (adminPublicUrl !== undefined) return adminPublicUrl;
  const { host, port } = reachable({ scheme: 'tcp', path: '/', ...addressOf(url) });
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

function whoMayRegister({ clients, validator, certificateName }: ServeConfig): string {
  const rules = [
    ...(certificateName ? ["the certificate's name"] : []),
    ...(clients === undefined ? [] : [clients]),
    ...(validator === undefined ? [] : ['the web service']),
  ];
  if (rules.length === 0) return 'any name may register';
  return `${rules.join(' and ')} ${rules.length === 1 ? 'decides' : 'decide'} who may register`;
}

/** Commands for the first endpoint that is easiest to reach. */
export function commandsToTry(endpoints: readonly Endpoint[]): string[] {
  const plain = endpoints.find(({ scheme }) => scheme === 'tcp');
  const chosen = plain ?? endpoints[0];
  if (!chosen) return [];
  const { host, port } = reachable(chosen);
  const message = {
    messageName: 'RequestRegisterClient',
    referenceId: 1,
    clientName: 'desk-1',
    clientType: 'AgentApplication',
  };
  const text = formatEndpoint(reachable(chosen));
  const insecure = chosen.scheme === 'tls' || chosen.scheme === 'wss' ? ' --insecure' : '';
  return [
    ...(plain ? [`printf '%s\\n' '${JSON.stringify(message)}' | nc ${host} ${port}`] : []),
    `npx ixgate register ${text} --name desk-1 --type AgentApplication${insecure}`,
    `npx ixgate figures run --against ${text}${insecure}`,
  ];
}

/** Replaces the wildcard address by loopback: clients cannot connect to it. */
function reachable(endpoint: Endpoint): Endpoint {
  if (endpoint.host === '0.0.0.0') return { ...endpoint, host: '127.0.0.1' };
  return endpoint.host === '::' ? { ...endpoint, host: '::1' } : endpoint;
}
