import type { Suite } from '../suite.js';
import { clientDoes, firstLine, headingOf, serverDoes } from './words.js';

/** A suite as a Gherkin feature: a scenario a case. There is one When for each input, and one Then for each answer. */
export function* gherkinText(suite: Suite): Generator<string> {
  yield `# ${firstLine(suite)}\n`;
  yield `Feature: Registration with an Interaction Server, ${suite.criterion}\n\n`;
  for (const line of headingOf(suite)) yield `  ${line}\n`;
  let number = 0;
  for (const { id, steps } of suite) {
    number += 1;
    let text = `\n  Scenario: ${number} ${id}\n    Given a client that has just connected\n`;
    for (const step of steps) {
      text += `    When the client ${clientDoes(step.input)}\n`;
      text += `    Then the server ${serverDoes(step)}\n`;
    }
    yield text;
  }
}
