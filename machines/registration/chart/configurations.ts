import type { SnapshotFrom } from 'xstate';
import type { registrationMachine } from './registration.js';

/** The nine configurations of the chart: where a connection can be. The part after the slash is the running deadline. */
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

/** Those of a client that is not registered: by who owes whom what, then by the running deadline. */
const unregistered: Readonly<Record<string, Readonly<Record<string, Configuration>>>> = {
  awaiting: { registration: 'awaiting/registration', rejection: 'awaiting/rejection' },
  validating: { registration: 'validating/registration', rejection: 'validating/rejection' },
  refusing: { registration: 'refusing/registration', rejection: 'refusing/rejection' },
};

/** The configuration a snapshot is in. */
export function configurationOf({
  value,
}: Pick<SnapshotFrom<typeof registrationMachine>, 'value'>): Configuration {
  if (typeof value === 'string') return value;
  if (value.connected === 'registered') return 'registered';
  const { exchange, deadline } = value.connected.unregistered;
  // Looked up, and not put together anew: it is asked at every step. A draft of the chart may have others.
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
