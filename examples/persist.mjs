// A registration that outlives its process: the state and the time left are stored and restored.   node examples/persist.mjs
import { configurationOf, restoreRegistration, Session, seated } from 'ixgate/machines';
import { createActor, SimulatedClock } from 'xstate';

const seat = {
  delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
  actions: { disconnect: (reason) => console.log(`the connection ends: ${reason}`) },
};

// The first process. A session knows the milliseconds left of the deadline; the snapshot of XState has no timers.
const before = new SimulatedClock();
const time = { wall: () => before.now(), monotonic: () => before.now() };
const actor = createActor(seated(seat), { clock: before });
const session = new Session(actor, { session: '1', seat: 'server', delays: seat.delays, time });
actor.start();
session.send({ type: 'Connected' });
before.increment(4_000);
const stored = JSON.stringify({
  snapshot: actor.getPersistedSnapshot(),
  deadline: session.deadline,
  storedAt: 0, // Date.now()
});
actor.stop();
console.log(`stored: ${session.configuration}, ${session.deadline} ms left`);

// The second process, one second later.
const { snapshot, deadline, storedAt } = JSON.parse(stored);
const passed = 1_000 - storedAt; // Date.now() - storedAt

// By XState alone the state comes back, and its deadline never ends.
const clock = new SimulatedClock();
const bare = createActor(seated(seat), { clock, snapshot }).start();
clock.increment(3_600_000);
console.log(`XState alone, an hour later: ${configurationOf(bare.getSnapshot())}`);

// restoreRegistration starts the deadline with the rest of its time.
const later = new SimulatedClock();
const restored = restoreRegistration(snapshot, {
  seat,
  clock: later,
  deadline: deadline === null ? null : Math.max(1, deadline - passed),
});
later.increment(4_999);
console.log(`restored, 4999 ms later: ${configurationOf(restored.getSnapshot())}`);
later.increment(1);
console.log(`restored, 5000 ms later: ${configurationOf(restored.getSnapshot())}`);
