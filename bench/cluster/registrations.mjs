// CPU time of a gate for a registration whose name has a cap, and for one without.
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from '../load/load.mjs';
import { cpuOf } from '../measure.mjs';
import { startGate } from './processes.mjs';

/** Each exchange has another name; the client leaves after its EventAck. */
const exchange = [
  {
    send: `${JSON.stringify({
      messageName: 'RequestRegisterClient',
      referenceId: 1,
      clientName: 'agent-########',
      clientType: 'AgentApplication',
    })}\n`,
    until: 'EventAck',
  },
];

/** @returns microseconds a registration, by round: with a claim, and without */
export async function measureRegistrations(url, { rounds, seconds, say }) {
  const gates = {
    with: await startGate(url, 'with', 1),
    without: await startGate(url, 'without', 0),
  };
  const cpu = { with: [], without: [] };
  let lost = 0;
  // The first round fills the caches and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    say(round === 0 ? 'registrations: warming up' : `registrations: round ${round} of ${rounds}`);
    const names = round % 2 === 0 ? ['with', 'without'] : ['without', 'with'];
    for (const name of names) {
      const { child, port } = gates[name];
      const before = await cpuOf(child.pid);
      const load = new Load(port, exchange, { seconds });
      const { exchanges, notConnected, closedEarly, tooLate } = await load.measure();
      await load.close();
      // The gate's work for clients that have left counts, too.
      await sleep(300);
      const after = await cpuOf(child.pid);
      if (round === 0) continue;
      lost += notConnected + closedEarly + tooLate;
      cpu[name].push((after - before) / exchanges);
    }
  }
  await Promise.all(Object.values(gates).map((gate) => gate.stop()));
  return { ...cpu, lost };
}
