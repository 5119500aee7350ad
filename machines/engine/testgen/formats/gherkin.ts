import type { SuiteSettings } from '../model.js';
import type { Suite } from '../suite.js';
import { connectionRoles, firstLine, headingOf, type SuiteWords } from './words.js';

/** A suite as a Gherkin feature: one scenario for each case, with one When for each input and one Then for each answer. */
export function* gherkinText<Input extends string, Settings extends SuiteSettings>(
  suite: Suite<Input, Settings>,
  words: SuiteWords<Input, Settings>,
): Generator<string> {
  const { client, system, given } = words.roles ?? connectionRoles;
  yield `# ${firstLine(suite, words)}\n`;
  yield `Feature: ${words.title}, ${suite.criterion}\n\n`;
  for (const line of headingOf(suite, words)) yield `  ${line}\n`;
  let number = 0;
  for (const { id, steps } of suite) {
    number += 1;
    let text = `\n  Scenario: ${number} ${id}\n    Given ${given}\n`;
    for (const { input, output } of steps) {
      text += `    When the ${client} ${words.clientDoes(input)}\n`;
      text += `    Then the ${system} ${words.serverDoes(output)}\n`;
    }
    yield text;
  }
}
