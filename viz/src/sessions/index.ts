/** The list of sessions. */
export { SessionIndex } from './session-index.js';
export { Sessions } from './sessions.js';
export { useGateClock } from './use-gate-clock.js';
export { useListing } from './use-listing.js';
export { nameFor, type Tone, toneOf, wordsFor } from './verdict-words.js';
