import { stateNodesOf } from '../../engine/table/edges.js';
import { type Configuration, deadlineOf } from './configurations.js';
import { registrationMachine } from './registration.js';

/** A configuration in words, from the chart's descriptions. */
export function describeConfiguration(configuration: Configuration): string {
  const [key] = configuration.split('/');
  const node = stateNodesOf(registrationMachine.root).find(
    (candidate) => candidate.key === key && candidate.parent !== undefined,
  );
  const deadline = deadlineOf(configuration);
  const running = deadline === null ? '' : ` The ${deadline} deadline runs.`;
  return `${node?.description ?? ''}${running}`;
}
