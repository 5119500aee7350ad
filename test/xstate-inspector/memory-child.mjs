/**
 * 10,000 sessions come and go while one viewer looks at all of them. Run with --expose-gc after a build; prints, as JSON,
 * the heap in use after each thousand.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { memoryPair } from '../../dist/adapters/net/transports/index.js';
import { createServer as createGate } from '../../dist/adapters/server/index.js';
import { createInspectBridge } from '../../dist/adapters/xstate-inspector/index.js';

const gate = await createGate();
const sessionRate = { perSecond: 1e6, burst: 1e6 };
const bridge = createInspectBridge(gate, { sessionRate });
const http = createServer().listen(0, '127.0.0.1');
http.on('upgrade', (request, socket, head) => bridge.upgrade(request, socket, head));
await once(http, 'listening');
const viewer = new WebSocket(`ws://127.0.0.1:${http.address().port}/xstate`);
let [registered, stopped] = [0, 0];
viewer.on('message', (data) => {
  const text = String(data);
  if (text.startsWith('{"type":"service.register"')) registered += 1;
  if (text.startsWith('{"type":"service.stop"')) stopped += 1;
});
await once(viewer, 'open');
viewer.send('{"type":"xstate.inspecting"}');
// What was asked before is done when the pong comes.
viewer.ping();
await once(viewer, 'pong');

const request =
  '{"messageName":"RequestRegisterClient","referenceId":1,"clientName":"desk","clientType":"Proxy"}\n';
const heap = [];
for (let thousand = 1; thousand <= 10; thousand += 1) {
  for (let session = 0; session < 1_000; session += 1) {
    const [ours, theirs] = memoryPair();
    gate.accept(theirs);
    const closed = new Promise((resolve) => {
      ours.start({
        data: () => ours.close('done'),
        end() {},
        drain() {},
        fault() {},
        closed: resolve,
      });
    });
    ours.write(Buffer.from(request));
    await closed;
  }
  while (stopped < thousand * 1_000) await setImmediate();
  globalThis.gc();
  await setImmediate();
  globalThis.gc();
  heap.push(process.memoryUsage().heapUsed);
}
console.log(JSON.stringify({ registered, stopped, heap }));
viewer.terminate();
bridge.close();
http.close();
await gate.close();
