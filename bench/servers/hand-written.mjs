// The gate that a careful programmer writes in an afternoon: lines of JSON, a deadline, EventAck or EventError. No chart, no limit on
// rates, no records. With --count-addresses it counts the unregistered connections per address, the minimum
// that a limit per address needs.
import { createServer } from 'node:net';
import { tell } from './tell.mjs';

const countsAddresses = process.argv.includes('--count-addresses');
const unregistered = new Map();
const mostOfAddress = 1_000;

const registrationTimeout = 10_000;
const rejectionTimeout = 5_000;
const longest = 8_192;
const clientTypes = new Set([
  'AgentApplication',
  'MediaServer',
  'ReportingEngine',
  'RoutingEngine',
  'Proxy',
]);

const server = createServer({ noDelay: true }, (socket) => {
  let waiting = '';
  let address = null;
  if (countsAddresses) {
    address = socket.remoteAddress;
    const there = unregistered.get(address) ?? 0;
    if (there >= mostOfAddress) {
      socket.destroy();
      return;
    }
    unregistered.set(address, there + 1);
  }
  let registered = false;
  let refused = false;
  let deadline = setTimeout(() => socket.destroy(), registrationTimeout);
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(deadline);
    forget();
  });
  socket.on('data', (text) => {
    waiting += text;
    for (let end = waiting.indexOf('\n'); end !== -1; end = waiting.indexOf('\n')) {
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + 1);
      if (line !== '') receive(line);
    }
    if (waiting.length > longest) socket.destroy();
  });

  function receive(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      answer('EventError', null, { errorCode: 5, errorDescription: 'not JSON' });
      socket.end();
      return;
    }
    const { messageName, referenceId, clientName, clientType } = message ?? {};
    if (messageName !== 'RequestRegisterClient') {
      if (!registered) refuse(referenceId, 1, 'not registered');
      return;
    }
    if (registered) return refuse(referenceId, 4, 'already registered');
    const valid =
      Number.isInteger(referenceId) &&
      typeof clientName === 'string' &&
      clientName.length >= 1 &&
      clientName.length <= 255 &&
      clientTypes.has(clientType);
    if (!valid) return refuse(referenceId, 3, 'malformed request');
    registered = true;
    clearTimeout(deadline);
    forget();
    answer('EventAck', referenceId, {});
  }

  /** The connection is no longer unregistered. */
  function forget() {
    if (address === null) return;
    const left = unregistered.get(address) - 1;
    if (left > 0) unregistered.set(address, left);
    else unregistered.delete(address);
    address = null;
  }

  function refuse(referenceId, errorCode, errorDescription) {
    answer('EventError', referenceId ?? null, { errorCode, errorDescription });
    if (registered || refused) return;
    refused = true;
    clearTimeout(deadline);
    deadline = setTimeout(() => socket.destroy(), rejectionTimeout);
  }

  function answer(messageName, referenceId, rest) {
    socket.write(`${JSON.stringify({ messageName, referenceId, ...rest })}\n`);
  }
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => tell(server.address().port));
