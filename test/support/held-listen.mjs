/**
 * Preload for `ixgate serve --workers`: while the file HELD_LISTEN exists, a worker that starts does not listen. It has its configuration
 * then, and says so on stderr.
 */
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { Server } from 'node:net';

const file = process.env.HELD_LISTEN;
const { listen } = Server.prototype;

if (cluster.isWorker && file !== undefined) {
  Server.prototype.listen = function held(...args) {
    if (!existsSync(file)) return listen.apply(this, args);
    process.stderr.write('a worker is held\n');
    const timer = setInterval(() => {
      if (existsSync(file)) return;
      clearInterval(timer);
      listen.apply(this, args);
    }, 10);
    return this;
  };
}
