/**
 * Preload for `ixgate serve --workers` that pauses a worker at a point which otherwise lasts milliseconds.
 * - While the file HELD_LISTEN exists, a starting worker does not listen. It already has its configuration, and reports it on stderr.
 * - While the file HELD_BATCHES exists, a worker sends its primary only claims of names, nothing else about its sessions.
 */
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { Server } from 'node:net';

const { HELD_LISTEN, HELD_BATCHES } = process.env;
const isHeld = (file) => cluster.isWorker && file !== undefined && existsSync(file);

const { listen } = Server.prototype;
Server.prototype.listen = function heldListen(...args) {
  if (!isHeld(HELD_LISTEN)) return listen.apply(this, args);
  process.stderr.write('a worker is held\n');
  const timer = setInterval(() => {
    if (isHeld(HELD_LISTEN)) return;
    clearInterval(timer);
    listen.apply(this, args);
  }, 10);
  return this;
};

const send = process.send?.bind(process);
if (send) {
  process.send = (message, ...rest) =>
    message?.type === 'batch' && isHeld(HELD_BATCHES) ? true : send(message, ...rest);
}
