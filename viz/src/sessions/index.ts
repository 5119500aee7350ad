/** The list of sessions. */

export { nameFor, type Tone, toneOf, wordsFor } from '../parts/verdict-words.js';

export { Sessions } from './sessions.js';
export { useGateClock } from './use-gate-clock.js';
export { useListing } from './use-listing.js';
