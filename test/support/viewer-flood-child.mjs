/** A viewer that sends as fast as the gate reads, and reconnects at once when it is closed. See viewer-flood.ts. */
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { answer } from './load-answers.mjs';

// It should load the gate, not take the CPU from it.
setPriority(19);

/** Masked with zeros. */
function frame(opcode, payload) {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126
      ? [0x80 | bytes.length]
      : [0x80 | 126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.of(0x80 | opcode, ...length, 0, 0, 0, 0), bytes]);
}

const counts = { visits: 0, statuses: {}, closeCodes: {}, problems: {} };
let visit = null;

function count(kind, name) {
  counts[kind][name] = (counts[kind][name] ?? 0) + 1;
}

/** Reads what the gate sends: whole frames, of which only the small ones matter here. */
function reader() {
  let rest = Buffer.alloc(0);
  let isUpgraded = false;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!isUpgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return false;
      count('statuses', String(rest.subarray(9, 12)));
      isUpgraded = rest.subarray(9, 12).equals(Buffer.from('101'));
      if (!isUpgraded) return false;
      rest = rest.subarray(end + 4);
    }
    while (rest.length >= 2) {
      const short = rest[1];
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (rest.length < start) break;
      const length =
        short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : rest.readUInt32BE(6);
      if (rest.length < start + length) break;
      const payload = rest.subarray(start, start + length);
      if ((rest[0] & 0x0f) === 8) count('closeCodes', payload.readUInt16BE(0));
      else if (payload.subarray(0, 17).equals(Buffer.from('{"type":"problem"')))
        count('problems', JSON.parse(payload).code);
      rest = rest.subarray(start + length);
    }
    return true;
  };
}

function come(flood) {
  const { port, path, localAddress, opcode, payload } = flood;
  const one = frame(opcode, payload);
  const chunk = Buffer.concat(Array(Math.ceil(65_536 / one.length)).fill(one));
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  visit = socket;
  counts.visits += 1;
  const read = reader();
  let isFlooding = false;
  const pour = () => {
    if (!socket.destroyed) socket.write(chunk, pour);
  };
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    if (!read(bytes) || isFlooding) return;
    isFlooding = true;
    pour();
  });
  socket.once('close', () => {
    if (visit === socket) come(flood);
  });
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
}

answer({
  start: come,
  stop() {
    const socket = visit;
    visit = null;
    socket?.destroy();
  },
  counts: () => counts,
});
process.send({ ready: true });
