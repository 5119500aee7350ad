/**
 * A gate alone in its process, measured by its parent (fork, --expose-gc, after a build). It sends its ports by scheme. It answers
 * `watch` when it has begun to sample its memory, `report` with the maximum growth in
 * bytes, and `validating` with the number of running validations. The validation of a client named slow takes `answer`.
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
