import { it } from 'vitest';
import { conform, endpointTarget, renderLadder } from '../../adapters/tester/index.js';
import { suiteByHand } from './suite-by-hand.js';
import {
  plainServer,
  registrationTimeout,
  rejectionTimeout,
} from './wrong-servers/plain-server.js';
import * as wrong from './wrong-servers/wrong-sessions.js';

const cases: any = [
  ['silence'],
  ['register', 'other', 'silence'],
  ['register', 'register'],
  ['register-invalid', 'other', 'silence'],
  ['other', 'wait', 'other', 'silence'],
  ['other', 'register', 'silence'],
  ['event-ack', 'silence'],
  ['register-malformed', 'silence'],
  ['wait', 'register'],
  ['not-json'],
  ['other', 'no-name'],
  ['register', 'too-long'],
];
it('x', async () => {
  const lines: string[] = [];
  const todo = Object.entries(wrong);
  await Promise.all(
    [1, 2, 3, 4, 5].map(async () => {
      for (let n = todo.shift(); n; n = todo.shift()) {
        const [name, Session] = n;
        await using server = await plainServer(Session as any);
        try {
          const r = await conform({
            target: endpointTarget(server.endpoint),
            suite: suiteByHand(cases, 'ack'),
            registrationTimeout,
            rejectionTimeout,
            margin: 60,
            patience: 400,
          });
          lines.push(
            `== ${name} held=${r.held} ${JSON.stringify(r.cases)} ${Math.round(r.elapsed)}ms notJudged ${JSON.stringify(r.notJudged)} unconf ${r.unconfirmed.length}\n` +
              r.failures
                .map(
                  (f) =>
                    `   ${f.isDocumented ? 'DOC' : 'own'} ${f.code} x${f.count} [${f.shortest.case.id}] ${f.replays} ${f.difference.edges.join('+')} :: ${f.difference.sentence}`,
                )
                .join('\n'),
          );
        } catch (e) {
          lines.push(`== ${name} THROWS ${e}`);
        }
      }
    }),
  );
  console.log(lines.join('\n'));
}, 60000);
