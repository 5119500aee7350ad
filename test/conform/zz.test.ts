import { it } from 'vitest';
import { createServer, invalid, valid } from '../../adapters/server/index.js';
import { conform, endpointTarget, renderLadder } from '../../adapters/tester/index.js';
import { suiteOf, ServerModel, figureClients } from '../../machines/index.js';
it('x', async () => {
  const timeouts = { registrationTimeout: 1000, rejectionTimeout: 400 };
  await using server = await createServer({ listen: ['tcp://127.0.0.1:0'], ...timeouts,  validator: ({ clientName }) => clientName === figureClients.valid.clientName ? valid : invalid('unknown name')});
  for (const [c, n] of [['transitions',32],['w1',32],['w1',64]] as const) {
  const suite = suiteOf(new ServerModel({answers:'any'}), c);
  const r = await conform({ target: endpointTarget(server.endpoints[0]!), suite, ...timeouts, connections: n });
  console.log(c, n, suite.cases, suite.steps, r.held, JSON.stringify(r.cases), r.connections, Math.round(r.elapsed), JSON.stringify(r.notJudged), r.unconfirmed.map(u=>u.sentence).join('\n'), JSON.stringify(r.failures.map(f=>[f.shortest.case.id, f.difference])));
  if (c=='transitions') console.log(JSON.stringify(r.edges.map(e=>[e.edge,e.verdict,e.held,e.figures.join(), e.description])), JSON.stringify(r.undocumented));
  }
}, 160000);
