import { type Check, fail, orOk, warn } from '../check.js';
import { contradictions } from '../contradictions.js';

export const configuration: Check = {
  id: 'configuration',
  title: 'Configuration',
  description: 'every flag, variable and key of the file is known and valid',
  run({ loaded: { problems, file } }) {
    const fix = 'docs/options.md has every option with what is allowed';
    const findings = problems.map(({ message }) => fail(message, fix));
    return orOk(findings, `valid: ${file ?? 'without a file'}`);
  },
};

export const settings: Check = {
  id: 'settings',
  title: 'Settings together',
  description: 'no option contradicts another, has no effect, or lets everyone in by accident',
  run({ loaded: { config, effective } }) {
    const isSet = (key: string) =>
      effective.some((one) => one.key === key && one.from !== 'default');
    const found = contradictions.filter(({ holds }) => holds(config, isSet));
    return orOk(
      found.map(({ text, fix }) => warn(typeof text === 'string' ? text : text(config), fix)),
      'no contradictions',
    );
  },
};
