import { isIP } from 'node:net';
import type { AcceptInfo } from '../net/transports/accept.js';
import type { Connection, Rejection } from '../net/transports/transport.js';
import { OptionError } from '../runtime/errors.js';
import { checkOptionNames } from '../runtime/option-names.js';
import type { Arrival } from './arrival.js';

const names = ['remoteAddress', 'remotePort', 'request', 'listener'] as const;

/**
 * How an accepted connection came.
 * @throws {OptionError} {UnknownOptionError} for invalid info
 */
export function arrivalOf(info: AcceptInfo): Arrival {
  const given = Object(info) as AcceptInfo;
  checkOptionNames(given, names);
  const { remoteAddress, remotePort, request, listener = 'accept' } = given;
  if (remoteAddress !== undefined && isIP(remoteAddress) === 0) {
    throw new OptionError('info.remoteAddress', remoteAddress, 'an IPv4 or IPv6 address');
  }
  if (
    remotePort !== undefined &&
    !(Number.isInteger(remotePort) && remotePort >= 0 && remotePort <= 65_535)
  ) {
    throw new OptionError('info.remotePort', remotePort, 'a whole number from 0 to 65535');
  }
  if (typeof listener !== 'string') throw new OptionError('info.listener', listener, 'a text');
  if (request !== undefined && typeof request?.headers !== 'object') {
    throw new OptionError('info.request', typeof request, 'a request of node:http');
  }
  return { listener, remotePort };
}

/** Sends a connection that got no slot its notice and closes it. */
export function rejectAccepted(connection: Connection, { notice }: Rejection): void {
  connection.write(notice);
  const nothing = () => {};
  connection.start({
    data: nothing,
    end: nothing,
    drain: nothing,
    fault: nothing,
    closed: nothing,
  });
  connection.close('refused');
}
