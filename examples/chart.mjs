// The bare chart: no socket, no server, no waiting.   node examples/chart.mjs
import { configurationOf, seated } from 'ixgate/machines';
import { createActor, SimulatedClock } from 'xstate';

const chart = seated({
  delays: { registrationTimeout: 10_000, rejectionTimeout: 5_000 },
  actions: { disconnect: (reason) => console.log(`  the connection ends: ${reason}`) },
});
const clock = new SimulatedClock();
const actor = createActor(chart, { clock });
actor.subscribe((snapshot) => console.log(configurationOf(snapshot)));
actor.start();

actor.send({ type: 'Connected' });
actor.send({ type: 'OtherMessage' }); // sends a message before it registers ...
actor.send({ type: 'EventError' }); // ... and is rejected: five seconds from now
clock.increment(4_000);
actor.send({ type: 'RequestRegisterClient' }); // registers at last, but the answer takes too long
clock.increment(1_000);
