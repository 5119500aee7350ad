export type {
  Observed,
  ObservedEvent,
  Peer,
  Place,
  Recorded,
} from './events.js';
export * from './observe.js';
export * from './observed-session.js';
export * from './observer.js';
