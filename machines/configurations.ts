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

/** The configuration a snapshot is in. */
export function configurationOf({
  value,
}: Pick<SnapshotFrom<typeof registrationMachine>, 'value'>): Configuration {
  if (typeof value === 'string') return value;
  if (value.connected === 'registered') return 'registered';
  const { exchange, deadline } = value.connected.unregistered;
  return `${exchange}/${deadline}`;
}

/** The deadline that runs in a configuration, or null. */
export function deadlineOf(configuration: Configuration): 'registration' | 'rejection' | null {
  if (configuration.endsWith('/registration')) return 'registration';
  if (configuration.endsWith('/rejection')) return 'rejection';
  return null;
}
