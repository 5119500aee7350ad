import { expect, it } from 'vitest';
import { renderCounterexample } from '../../../adapters/tester/index.js';
import {
  type CheckedPropertyId,
  checkOptionsFor,
  checkRegistration,
  findSeededFault,
} from '../../../machines/index.js';

function drawn(id: string, property: CheckedPropertyId): string {
  const { results } = checkRegistration({ bound: 1, ...checkOptionsFor(findSeededFault(id)) });
  const counterexample = results.find((result) => result.id === property)?.counterexample;
  if (!counterexample) throw new Error(`${id} does not break ${property}`);
  return renderCounterexample(counterexample);
}

it('a counterexample is drawn with the steps in which each message is sent and received', () => {
  expect(drawn('asks-twice', 'settled')).toBe(`\
  Client                                                    Interaction Server
    |                                                                |
    | connect                                                        |
    |--------------------------------------------------------------->|  step 1
    |                                                                |
    |                 ~ 2: the server is connected ~                 |
    |                                                                |
    |                 ~ 3: the client is connected ~                 |
    | RequestRegisterClient (reference id 1)                         |
    |--------------------------------------------------------------->|  step 4, received in 5, valid
    | EventError (reference id 1), error code 8: "validation-failed" |
    |<---------------------------------------------------------------|  step 6, received in 9
    | RequestRegisterClient (reference id 2)                         |
    |--------------------------------------------------------------->|  step 7, received in 8, valid
    |                                      EventAck (reference id 2) |
    |<---------------------------------------------------------------|  step 10, received in 11
    |                                                                |

  Then the server is in registered (no deadline runs) and the client in awaiting/rejection.
`);
});

it('one that repeats for ever shows where the repetition starts', () => {
  const text = drawn('deadline-starts-over', 'end');
  expect(text).toMatch(/received in 7\n.*\n *\| *~ repeats from here ~ *\|\n/);
  expect(text).toContain("~ 8: the server's rejectionTimeout expires ~");
  expect(text).toMatch(/\n {2}Steps 8 to 12 repeat for ever\.\n$/);
});

it('a deadline that ends a session is a note and an arrow, a lost message is not received', () => {
  const text = drawn('registered-deadline', 'left-alone');
  expect(text).toMatch(
    /step 6, not received\n.*\n.*~ 7: the server's registrationTimeout expires .*~.*\n.* disconnect \|\n *\|X-+\| {2}step 7\n/,
  );
});
