// A preload that writes each host that its process looks up or connects to, one a line, to the file of the variable ADDRESSES.
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

const note = (host) => appendFileSync(process.env.ADDRESSES, `${host}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = args;
  const options = Array.isArray(first) ? first[0] : first;
  const named = typeof args[1] === 'string' ? args[1] : 'localhost';
  note(typeof options === 'object' ? (options.host ?? options.path ?? 'localhost') : named);
  return connect.apply(this, args);
};
for (const api of [dns, dns.promises]) {
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
    const original = api[name];
    api[name] = (host, ...args) => {
      note(host);
      return original(host, ...args);
    };
  }
}
