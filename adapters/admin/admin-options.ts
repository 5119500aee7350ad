import { isIP } from 'node:net';
import type { Registry } from 'prom-client';
import type { ControlAction } from '../control/control-api.js';
import type { HoldingLimits } from '../feed/index.js';
import { allowedHost, hostOf, isForThisMachine } from '../net/hosts.js';
import { OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import { isToken } from '../web/guard.js';
import type { UpgradeHandler } from '../web/web-handler.js';
import { checkedProxies, type SiteOptions } from './site.js';

export interface AdminOptions extends SiteOptions {
  /**
   * Token that readers of sessions, metrics and the feed need: 16 to 512 letters, digits and signs without blanks. `false`: no token, because
   * the service decides who may send requests here. There is no default, so that a missing variable opens nothing.
   */
  readonly token: string | false | undefined;
  /**
   * Path that it is mounted at, as clients send it: it begins with `/`. The page is at this path with a `/` at its end. @default '/ixgate'
   */
  readonly base?: string | undefined;
  /**
   * With `token: false`: host names that requests may be addressed to, besides localhost, addresses and the host of `publicUrl`. Others get
   * 403, so that a web page cannot read it by DNS rebinding. @default []
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Registry of prom-client that gets the metrics of the gate; `/metrics` then answers with all its metrics. Metrics of the process are left
   * to its owner (`collectDefaultMetrics`). @default a separate one, with metrics of the process
   */
  readonly registry?: Registry | undefined;
  /**
   * What the feed of the page keeps in memory; `false`: no feed, and the page does not show sessions.
   * @default 50,000 sessions and 200,000 steps, at most 64 MiB
   */
  readonly feed?: Partial<HoldingLimits> | false | undefined;
  /**
   * Switches live control on: with the token in `Authorization: Bearer`, operators may kick clients and drain the gate (`/openapi.json`).
   * Called with everything that was done or tried, for the log of the service; what it throws becomes a process warning. Without a token
   * nothing can be changed.
   * @default none: sessions can be read only
   */
  readonly onControl?: ((action: ControlAction) => void) | undefined;
  /** More WebSockets by path below `base`, e.g. `{ '/xstate': xstateHandler(gate) }`. They need the token too. @default {} */
  readonly upgrades?: Readonly<Record<string, UpgradeHandler>> | undefined;
}

/** The checked options of an embedded admin. */
export interface AdminSettings {
  /** Without `/` at its end: empty for the root. */
  readonly base: string;
  readonly token: string | undefined;
  readonly publicUrl: string | undefined;
  readonly trustProxy: readonly string[];
  readonly feed: Partial<HoldingLimits> | false;
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  hostProblem(host: string | undefined, path: string): string | null;
}

const names = Object.keys({
  token: true,
  base: true,
  allowedHosts: true,
  registry: true,
  feed: true,
  onControl: true,
  upgrades: true,
  publicUrl: true,
  trustProxy: true,
  recorder: true,
  certificateExpiry: true,
  page: true,
} satisfies Record<keyof AdminOptions, true>);

/** @throws {OptionError} {UnknownOptionError} */
export function settingsOf(options: AdminOptions): AdminSettings {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new OptionError('options', given, 'an object with a token, or token: false');
  }
  checkOptionNames(options, names);
  const { feed = {}, upgrades = {} } = options;
  const { onControl } = options;
  if (onControl !== undefined && typeof onControl !== 'function') {
    throw new OptionError('onControl', onControl, 'a function');
  }
  const token = checkedToken(options.token);
  // The service answers for who reaches it, so an address of other machines needs no token here.
  const { publicUrl, trustProxy } = checkedProxies(options, true);
  const publicHost = publicUrl === undefined ? [] : [hostOf(new URL(publicUrl).host) ?? ''];
  const hosts = [...(options.allowedHosts ?? []).map(allowedHost), ...publicHost];
  return {
    ...{
      base: checkedBase(options.base ?? '/ixgate'),
      token,
      publicUrl,
      trustProxy,
      feed,
      upgrades,
    },
    hostProblem: (host, path) =>
      token !== undefined || isProbe(path) || isAllowed(host, hosts) ? null : otherHost,
  };
}

function checkedToken(token: unknown): string | undefined {
  if (token === false) return undefined;
  if (typeof token === 'string' && isToken(token)) return token;
  const shown = typeof token === 'string' ? '***' : token;
  throw new OptionError(
    'token',
    shown,
    '16 to 512 letters, digits and signs without blanks, or false for no token',
  );
}

function checkedBase(base: string): string {
  const bare = base.replace(/\/$/, '');
  if (/^(\/[\w~.-]+)*$/.test(bare) && base.startsWith('/')) return bare;
  throw new OptionError('base', base, 'a path of letters, digits and -._~ such as /ixgate');
}

/** Load balancers address probes to anything, and probes tell nothing. */
function isProbe(path: string): boolean {
  return path === '/healthz' || path === '/readyz';
}

const otherHost =
  'the Host header is not an allowed name: set it with the option allowedHosts or publicUrl of createAdmin';

/** A name can be made to resolve to any machine (DNS rebinding); an address cannot. */
function isAllowed(header = '', hosts: readonly string[]): boolean {
  return isForThisMachine(header, hosts) || isIP(hostOf(header) ?? '') !== 0;
}
