/** Settings that are valid each, and odd together. */
import { duration } from '../../machines/text/format.js';
import type { ServeConfig } from '../config/index.js';
import { isLoopback } from '../net/hosts.js';
import type { Endpoint } from '../net/transports/endpoint.js';
import { addressOf } from '../web/address.js';

interface Contradiction {
  /** @param isSet whether an option has another source than its default */
  readonly holds: (config: ServeConfig, isSet: (key: string) => boolean) => boolean;
  readonly text: string | ((config: ServeConfig) => string);
  readonly fix: string;
}

/** The time that systemd gives a service to stop, in milliseconds (DefaultTimeoutStopSec). */
const stopTime = 90_000;

const isWeb = ({ scheme }: Endpoint) => scheme === 'ws' || scheme === 'wss';
const isSecure = ({ scheme }: Endpoint) => scheme === 'tls' || scheme === 'wss';
const isRemote = ({ scheme, host }: Endpoint) => scheme !== 'unix' && !isLoopback(host);
const isEverything = (block: string) => /\/0+$/.test(block);

export const contradictions: readonly Contradiction[] = [
  {
    holds: ({ trustProxy, proxyProtocol, listen }) =>
      trustProxy !== undefined && proxyProtocol === 'off' && !listen.some(isWeb),
    text: '--trust-proxy has no effect: without --proxy-protocol only WebSocket requests state the address of a client',
    fix: 'add --proxy-protocol required, or remove --trust-proxy',
  },
  {
    holds: ({ trustProxy }) => trustProxy?.some(isEverything) === true,
    text: '--trust-proxy trusts every address: any client can state the address of another',
    fix: 'name the addresses of the proxies',
  },
  {
    holds: ({ exempt }) => exempt.some(isEverything),
    text: '--exempt has every address: no limit per address and no penalty holds',
    fix: 'name only load balancers and your own networks',
  },
  {
    holds: ({ admin }) => admin !== null && !isLoopback(addressOf(admin).host),
    text: ({ admin }) => `--admin ${admin} is plain HTTP: the token passes in the clear`,
    fix: 'use --admin http://127.0.0.1:7080 behind a reverse proxy with TLS (docs/operate.md)',
  },
  {
    holds: ({ clients, validator, certificateName, listen }) =>
      clients === undefined && validator === undefined && !certificateName && listen.some(isRemote),
    text: 'any name may register, from other machines too',
    fix: 'add --clients, --validator or --certificate-name',
  },
  {
    holds: ({ rejectionTimeout, registrationTimeout }) => rejectionTimeout > registrationTimeout,
    text: ({ rejectionTimeout, registrationTimeout }) =>
      `--rejection-timeout (${duration(rejectionTimeout)}) is longer than --registration-timeout (${duration(registrationTimeout)}): a client that is refused may stay longer than one that is silent`,
    fix: 'lower --rejection-timeout',
  },
  {
    holds: ({ validator, validatorTimeout, registrationTimeout }) =>
      validator !== undefined && validatorTimeout > registrationTimeout,
    text: '--validator-timeout is longer than --registration-timeout, which runs meanwhile',
    fix: 'lower --validator-timeout',
  },
  {
    holds: ({ validator }, isSet) => validator === undefined && isSet('validatorTimeout'),
    text: '--validator-timeout has no effect without --validator',
    fix: 'add --validator, or remove it',
  },
  {
    holds: ({ maxUnregistered, maxConnections }) => maxUnregistered.from > maxConnections,
    text: '--max-unregistered begins above --max-connections and has no effect',
    fix: 'lower --max-unregistered',
  },
  {
    holds: ({ maxUnregistered, maxConnections }) =>
      maxUnregistered.from <= maxConnections && maxUnregistered.full > maxConnections,
    text: '--max-unregistered allows more than --max-connections: unregistered clients can take every place',
    fix: 'lower --max-unregistered, or raise --max-connections',
  },
  {
    holds: ({ maxUnregisteredPerAddress, maxUnregisteredPerPrefix }) =>
      maxUnregisteredPerAddress > maxUnregisteredPerPrefix,
    text: '--max-unregistered-per-address is above --max-unregistered-per-prefix and has no effect',
    fix: 'lower it',
  },
  {
    holds: ({ maxFrameUnregistered, maxFrame }, isSet) =>
      maxFrameUnregistered > maxFrame && isSet('maxFrameUnregistered'),
    text: '--max-frame-unregistered is above --max-frame, which holds instead',
    fix: 'lower it',
  },
  {
    holds: ({ maxUnsentUnregistered, maxUnsent }, isSet) =>
      maxUnsentUnregistered > maxUnsent && isSet('maxUnsentUnregistered'),
    text: '--max-unsent-unregistered is above --max-unsent, which holds instead',
    fix: 'lower it',
  },
  {
    holds: ({ record }, isSet) =>
      record === undefined &&
      ['recordSync', 'recordSize', 'recordAge', 'recordKeep'].some((key) => isSet(key)),
    text: '--record-sync, --record-size, --record-age and --record-keep have no effect without --record',
    fix: 'add --record FOLDER, or remove them',
  },
  {
    holds: ({ record, recordKeep }) => record !== undefined && recordKeep === undefined,
    text: 'recordings are kept until the disk is full',
    fix: 'add --record-keep, or remove old recordings by a timer',
  },
  {
    holds: ({ clients, disconnectRemoved }) => disconnectRemoved && clients === undefined,
    text: '--disconnect-removed has no effect without --clients',
    fix: 'add --clients, or remove it',
  },
  {
    holds: ({ socketMode, listen }) =>
      socketMode !== undefined && !listen.some(({ scheme }) => scheme === 'unix'),
    text: '--socket-mode has no effect without a unix socket in --listen',
    fix: 'add --listen unix:///path, or remove it',
  },
  {
    holds: ({ tlsCert, listen }) => tlsCert !== undefined && !listen.some(isSecure),
    text: '--tls-cert has no effect without a tls or wss address in --listen',
    fix: 'add --listen tls://host:port, or remove it',
  },
  {
    holds: ({ allowOrigin, listen }) => allowOrigin !== undefined && !listen.some(isWeb),
    text: '--allow-origin has no effect without a ws or wss address in --listen',
    fix: 'add --listen ws://host:port, or remove it',
  },
  {
    holds: ({ allowOrigin, listen }) => allowOrigin?.includes('*') === true && listen.some(isWeb),
    text: '--allow-origin *: any web page in the browser of a user can connect as a client',
    fix: 'name the origins of your pages',
  },
  {
    holds: ({ allowInject, admin }) => allowInject && admin !== null,
    text: '--allow-inject lets every viewer of /xstate send messages as a client',
    fix: 'remove it in production',
  },
  {
    holds: ({ drain, drainDelay }) => drain + drainDelay >= stopTime,
    text: ({ drain, drainDelay }) =>
      `--drain-delay and --drain take ${duration(drain + drainDelay)}: systemd kills a service after ${duration(stopTime)}, Kubernetes a pod after 30 s, if not told otherwise`,
    fix: 'lower them, or raise TimeoutStopSec or terminationGracePeriodSeconds',
  },
  {
    holds: ({ logLevel }) => logLevel === 'silent',
    text: '--log-level silent: nothing tells why a client was refused',
    fix: 'use --log-level warn',
  },
];
