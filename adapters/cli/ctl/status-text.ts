/** The state of a gate as text. It loads nothing that measures text, so that `ixgate ctl status` starts quickly. */
import { duration, visible } from '../../../machines/text/format.js';
import type { LogLevel, Status } from './shapes.js';

/** Stands for a missing value. */
export const dash = '-';

export function statusText(status: Status): string {
  const { state, notReady, endpoints, open, registered, unregistered, workers, service } = status;
  const rejected = Object.entries(status.rejected).filter(([, count]) => count > 0);
  const rows: [string, string][] = [
    ['state', notReady === null ? state : `${state}, not ready: ${notReady}`],
    ['endpoints', endpoints.join(' ')],
    ['clients', `${registered} registered, ${unregistered} unregistered, ${open} connections`],
    ['accepted', `${status.accepted} connections since the start`],
    ['rejected', rejected.map(([reason, count]) => `${reason} ${count}`).join(', ') || 'none'],
  ];
  if (status.problems > 0) rows.push(['problems', `${status.problems} internal errors`]);
  if (workers) {
    const { live, wanted, deaths } = workers;
    rows.push(['workers', `${live} of ${wanted} live, ${deaths} crashed since the start`]);
  }
  if (status.cluster) rows.push(...clusterRows(status.cluster));
  if (service) {
    const set = Object.entries(service.overrides).map(([key, value]) => `${key}=${shown(value)}`);
    rows.push(
      ['admin', service.admin ?? dash],
      ['control', service.control ?? dash],
      ['config', service.configFile ?? dash],
      ['log level', logLevelText(service.logLevel)],
      ['set by ctl', set.join(' ') || dash],
      ['bans', String(service.bans)],
    );
  }
  const head = `ixgate ${status.version}  pid ${status.pid}  node ${status.node}  running for ${duration(status.uptime)}`;
  return [head, ...pairs(rows)].map(visible).join('\n');
}

function clusterRows(cluster: NonNullable<Status['cluster']>): [string, string][] {
  const { nodes = [], address, state } = cluster;
  const counts = nodes.map(({ node, state: nodeState, sessions }) => {
    const notes = nodeState === 'running' ? '' : ` (${nodeState})`;
    return `${node} ${sessions ?? dash}${notes}`;
  });
  return [
    ['cluster', `${cluster.cluster}, this is node ${cluster.node}, ${cluster.names} names`],
    ['directory', `${address}, ${state}`],
    ...(nodes.length > 0 ? [['sessions', counts.join(', ')] as [string, string]] : []),
  ];
}

export function logLevelText({ level, configured }: LogLevel): string {
  return level === configured ? level : `${level} (configured: ${configured})`;
}

/** The value of an option. */
export function shown(value: unknown): string {
  if (value === null) return 'not set';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Names and values below each other. The names are of ASCII. */
export function pairs(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
