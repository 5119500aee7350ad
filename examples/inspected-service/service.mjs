// A service with 50 actors in the inspector: npx ixgate inspector, then node examples/inspected-service/service.mjs
// Another inspector: node examples/inspected-service/service.mjs ws://127.0.0.1:7081/stately. Ctrl-C ends it.
import { createInspector } from 'ixgate/inspector';
import { assign, createActor, fromCallback, fromPromise, sendTo, setup, spawnChild } from 'xstate';

const workers = 50;
const pauseFor = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One worker: it takes a job, which may fail, and rests after it. Each tenth job of it fails. */
const worker = setup({
  actors: {
    job: fromPromise(async ({ input }) => {
      await pauseFor(20 + (input.job % 7) * 10);
      if (input.job % 10 === 9) throw new Error(`job ${input.job} failed`);
      return input.job;
    }),
  },
  delays: { rest: ({ context }) => 100 + (context.number % 5) * 50, penalty: 1_000 },
}).createMachine({
  id: 'worker',
  context: ({ input }) => ({ number: input.number, job: 0, done: 0, failed: 0 }),
  initial: 'idle',
  on: { STOP: '.stopped' },
  states: {
    idle: {
      on: { JOB: { target: 'working', actions: assign({ job: ({ event }) => event.job }) } },
    },
    working: {
      invoke: {
        id: 'job',
        src: 'job',
        input: ({ context }) => ({ job: context.job }),
        onDone: { target: 'resting', actions: assign({ done: ({ context }) => context.done + 1 }) },
        onError: {
          target: 'failed',
          actions: assign({ failed: ({ context }) => context.failed + 1 }),
        },
      },
    },
    resting: { after: { rest: 'idle' } },
    failed: { after: { penalty: 'idle' } },
    stopped: { type: 'final' },
  },
});

const supervisor = setup({
  actors: {
    worker,
    clock: fromCallback(({ sendBack }) => {
      const timer = setInterval(() => sendBack({ type: 'TICK' }), 50);
      return () => clearInterval(timer);
    }),
  },
}).createMachine({
  id: 'supervisor',
  context: { job: 0 },
  entry: Array.from({ length: workers }, (_, number) =>
    spawnChild('worker', { id: `worker-${number}`, input: { number } }),
  ),
  initial: 'running',
  states: {
    running: {
      invoke: { id: 'clock', src: 'clock' },
      on: {
        TICK: {
          actions: [
            assign({ job: ({ context }) => context.job + 1 }),
            sendTo(
              ({ context }) => `worker-${context.job % workers}`,
              ({ context }) => ({ type: 'JOB', job: context.job }),
            ),
          ],
        },
        PAUSE: 'paused',
      },
    },
    paused: { on: { RESUME: 'running' } },
  },
});

const { inspect } = createInspector({ url: process.argv[2], name: 'service' });
createActor(supervisor, { inspect }).start();
console.log(`${workers} workers. Ctrl-C ends it`);
