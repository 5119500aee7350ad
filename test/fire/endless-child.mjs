/**
 * A gate alone in its process, for a parent that measures it (fork, --expose-gc, after a build). It sends its ports by scheme; to
 * `watch` it answers when it has begun to look at its memory, to `report` with the most that it held above the beginning, in
 * bytes, to `validating` with the number of those who wait for their answer. A client named slow gets it after `answer`.
 */
import { createServer, valid } from '../../dist/adapters/server/index.js';

const answers = [];
const server = await createServer({
  listen: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0'],
  validator: ({ clientName }) =>
    clientName === 'slow' ? new Promise((resolve) => answers.push(resolve)) : valid,
  validatorTimeout: 60_000,
  registrationTimeout: 60_000,
});
const [tcp, ws] = server.endpoints.map(({ port }) => port);
process.send({ tcp, ws });

function held() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let base = 0;
let most = 0;
let timer;
process.on('message', (asked) => {
  if (asked === 'validating') {
    const { length } = server.sessions().filter(({ state }) => state.startsWith('validating'));
    process.send(length);
    return;
  }
  if (asked === 'answer') {
    for (const answer of answers.splice(0)) answer(valid);
    process.send('answered');
    return;
  }
  clearInterval(timer);
  if (asked === 'watch') {
    base = most = held();
    timer = setInterval(() => {
      most = Math.max(most, held());
    }, 5);
    process.send('watching');
  } else process.send({ grown: Math.max(most, held()) - base });
});
