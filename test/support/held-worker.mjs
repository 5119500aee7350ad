/**
 * Preload for `ixgate serve --workers`, to hold a worker at a point that lasts milliseconds otherwise.
 * - While the file HELD_LISTEN exists, a worker that starts does not listen. It has its configuration then, and says so on stderr.
 * - While the file HELD_BATCHES exists, a worker tells its primary nothing of its sessions but their claims of names.
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
