/** Mealy machines: minimal form, distinguishing sequences and covers. */
export { stateCover, transitionCover } from './covers.js';
export { characterizationSet, DistinguishingSequences, tellsApart } from './distinguishing.js';
export {
  type MealyMachine,
  type MealyStep,
  mealyMachineOf,
  quiescence,
} from './mealy-machine.js';
export { type MinimalForm, minimalForm } from './minimal.js';
