import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';

/** Milliseconds between two checks of a probed connection. */
const interval = 500;
/** Milliseconds after which a probe was certainly sent, and answered if the peer answers. */
const settled = 1_500;
/** Milliseconds of silence before the first keep-alive probe, and between probes. */
const probeAfter = 1_000;
/** Unanswered probes and retransmissions that mean that the peer does not answer. One may be lost. */
const unansweredMax = 2;
/** The keep-alive of a connection after a probe, in milliseconds. */
const keepAlive = 60_000;

/** The state of a connection in the system. */
interface TcpState {
  /** Probes and retransmissions since the peer last answered. */
  readonly unanswered: number;
  /** Bytes that the peer has not acknowledged. */
  readonly unacknowledged: number;
}

/**
 * Whether the peer's system still answers. The local system sends TCP keep-alive probes, which no application sees, and counts the
 * unanswered ones. Only Linux reports the count; elsewhere an open connection counts as answering. A hung process answers, because its
 * system does.
 * @param timeout milliseconds until a silent peer counts as gone. An answering peer is detected after 1.5 s, or as soon as it sends
 */
export async function peerAnswers(socket: Socket, timeout: number): Promise<boolean> {
  if (socket.destroyed) return false;
  socket.setKeepAlive(true, probeAfter);
  const { bytesRead } = socket;
  for (let waited = interval; ; waited += interval) {
    await wait(interval);
    if (socket.destroyed) return false;
    const hasSent = socket.bytesRead > bytesRead;
    const state = hasSent || waited < settled ? null : await stateOf(socket);
    const isAnswering = state === null || (state.unanswered === 0 && state.unacknowledged === 0);
    if (!hasSent && waited < (isAnswering ? settled : timeout)) continue;
    if (!isAnswering && state.unanswered >= unansweredMax) return false;
    if (!socket.destroyed) socket.setKeepAlive(true, keepAlive);
    return true;
  }
}

/** Null where the system does not report it. */
async function stateOf({ localAddress, localPort, remoteAddress, remotePort }: Socket) {
  if (!localAddress || !remoteAddress || !localPort || !remotePort) return null;
  const file = localAddress.includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp';
  const table = await tableOf(file);
  if (table === null) return null;
  const ends = `${hexOf(localAddress, localPort)} ${hexOf(remoteAddress, remotePort)} `;
  const at = table.indexOf(ends);
  return at < 0 ? null : stateFrom(table.slice(at + ends.length, at + ends.length + 100));
}

/** Reads `01 00000006:00000000 01:00000014 00000003 0 0 ...`: state, queues, timer, retransmissions, user, probes (proc(5)). */
function stateFrom(rest: string): TcpState {
  const [, queues = '', , retransmissions = '0', , probes = '0'] = rest.trim().split(/\s+/);
  const [unacknowledged = '0'] = queues.split(':');
  return {
    unanswered: Number.parseInt(retransmissions, 16) + Number(probes),
    unacknowledged: Number.parseInt(unacknowledged, 16),
  };
}

const tables = new Map<string, { readonly at: number; readonly text: Promise<string | null> }>();

/** The table of all connections; concurrent probes share one read. */
function tableOf(file: string): Promise<string | null> {
  const now = performance.now();
  const known = tables.get(file);
  if (known && now - known.at < interval / 2) return known.text;
  const text = readFile(file, 'latin1').catch(() => null);
  tables.set(file, { at: now, text });
  void text.then(() => setTimeout(() => tables.delete(file), interval).unref());
  return text;
}

/** An end of a connection in the format of the table: 32-bit words of the address in host byte order. */
function hexOf(address: string, port: number): string {
  const bytes = Buffer.from(ipaddr.parse(address.split('%')[0] ?? '').toByteArray());
  const words = Array.from({ length: bytes.length / 4 }, (_, index) =>
    bytes
      .readUInt32LE(4 * index)
      .toString(16)
      .padStart(8, '0'),
  );
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}
