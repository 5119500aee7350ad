import { isIP } from 'node:net';
import type { Attributes } from '@opentelemetry/api';
import { EndpointError, parseEndpoint } from '../net/transports/endpoint.js';
import type { ConnectionInfo, SessionInfo } from '../server/index.js';

/**
 * The attributes of a session at its start: those of the semantic conventions where they exist, and `ixgate.*`. Nothing of the upgrade
 * request is among them: its path and headers may contain secrets.
 */
export function attributesOf(info: SessionInfo, connection: ConnectionInfo): Attributes {
  const { scheme, listener, proxyAddress, servername } = connection;
  const isWebSocket = scheme === 'ws' || scheme === 'wss';
  return {
    ...transportOf(info),
    // Lines of JSON have no registered name.
    'network.protocol.name': isWebSocket ? 'websocket' : 'ixgate',
    ...(isIP(info.remoteAddress) !== 0 && { 'client.address': info.remoteAddress }),
    ...(info.remotePort > 0 && { 'client.port': info.remotePort }),
    ...(proxyAddress !== null && { 'network.peer.address': proxyAddress }),
    ...serverOf(listener, servername),
    'ixgate.session.id': info.id,
    'ixgate.scheme': scheme,
    'ixgate.listener': listener,
    ...(info.carrier !== null && { 'ixgate.session.carrier': info.carrier }),
  };
}

/** The attributes that a registration adds. */
export function registrationAttributes(info: SessionInfo): Attributes {
  const { clientName, clientType, mediaType, proxyClientId } = info;
  return {
    ...(clientName !== null && { 'ixgate.client.name': clientName }),
    ...(clientType !== null && { 'ixgate.client.type': clientType }),
    ...(mediaType !== null && { 'ixgate.client.media_type': mediaType }),
    ...(proxyClientId !== null && { 'ixgate.client.proxy_id': proxyClientId }),
  };
}

function transportOf({ scheme, remoteAddress }: SessionInfo): Attributes {
  if (scheme === 'memory' || scheme === 'stream') return {};
  return { 'network.transport': remoteAddress === 'unix' ? 'unix' : 'tcp' };
}

/** @param listener an endpoint, or the name that the service gave it */
function serverOf(listener: string, servername: string | null): Attributes {
  const endpoint = endpointOf(listener);
  const address = servername ?? endpoint?.host;
  return {
    ...(address && { 'server.address': address }),
    ...(endpoint && endpoint.port > 0 && { 'server.port': endpoint.port }),
  };
}

function endpointOf(listener: string) {
  try {
    return parseEndpoint(listener);
  } catch (error) {
    if (error instanceof EndpointError) return null;
    throw error;
  }
}
