import type { SnapshotFrom } from 'xstate';
import type { registrationMachine } from './registration.js';

/** The nine configurations of the chart. The part after the slash is the running deadline. */
export const configurations = [
  'connecting',
  'awaiting/registration',
  'validating/registration',
  'refusing/registration',
  'awaiting/rejection',
  'validating/rejection',
  'refusing/rejection',
  'registered',
  'disconnected',
] as const;
export type Configuration = (typeof configurations)[number];

/** The configurations of an unregistered client: by the state of the exchange, then by the running deadline. */
const unregistered: Readonly<Record<string, Readonly<Record<string, Configuration>>>> = {
  awaiting: { registration: 'awaiting/registration', rejection: 'awaiting/rejection' },
  validating: { registration: 'validating/registration', rejection: 'validating/rejection' },
  refusing: { registration: 'refusing/registration', rejection: 'refusing/rejection' },
};

/** The configuration of a snapshot. */
export function configurationOf({
  value,
}: Pick<SnapshotFrom<typeof registrationMachine>, 'value'>): Configuration {
  if (typeof value === 'string') return value;
  if (value.connected === 'registered') return 'registered';
  const { exchange, deadline } = value.connected.unregistered;
  // A lookup, because it runs at every step. A chart with a mistake may have other states.
  return unregistered[exchange]?.[deadline] ?? `${exchange}/${deadline}`;
}

const deadlines = new Map<Configuration, 'registration' | 'rejection' | null>();

/** The deadline that runs in a configuration, or null. */
export function deadlineOf(configuration: Configuration): 'registration' | 'rejection' | null {
  let deadline = deadlines.get(configuration);
  if (deadline === undefined) {
    const [, part] = configuration.split('/');
    deadline = part === 'registration' || part === 'rejection' ? part : null;
    deadlines.set(configuration, deadline);
  }
  return deadline;
}
