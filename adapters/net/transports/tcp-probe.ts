import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';

/** Milliseconds between two looks at a connection that is probed. */
const interval = 500;
/** Milliseconds until a probe was sent for sure, and answered where it was. */
const settled = 1_500;
/** Milliseconds of silence after which the system probes the peer, and after which it sends the next probe. */
const probeAfter = 1_000;
/** Probes and retransmissions without an answer: the peer does not answer. One may be lost. */
const unansweredMax = 2;
/** The keep-alive of a connection that was probed. */
const keepAlive = 60_000;

/** What the system knows of a connection. */
interface TcpState {
  /** Probes and retransmissions since the peer last answered. */
  readonly unanswered: number;
  /** Bytes that the peer has not acknowledged. */
  readonly unacknowledged: number;
}

/**
 * Whether the system of the peer still answers. The system here sends keep-alive probes, which no application sees, and counts those that
 * are not answered; where it does not tell the count (only Linux does) a connection that is open counts as answering. A process that
 * hangs answers: its system does.
 * @param timeout milliseconds until a peer that did not answer is given up; a peer that answers is known after 1.5 s, or as soon as it sends.
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

/** Null where the system does not tell. */
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

/** The table of all connections; those that look at the same time read it once. */
function tableOf(file: string): Promise<string | null> {
  const now = performance.now();
  const known = tables.get(file);
  if (known && now - known.at < interval / 2) return known.text;
  const text = readFile(file, 'latin1').catch(() => null);
  tables.set(file, { at: now, text });
  void text.then(() => setTimeout(() => tables.delete(file), interval).unref());
  return text;
}

/** An end of a connection as the table has it: 32-bit words of the address as this machine stores them. */
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
