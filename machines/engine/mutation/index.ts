/** Mutation analysis: charts with one mistake each, and the suites that find them. */

export type { SimulatedSystem, SimulationModel } from '../testgen/simulation.js';
export {
  type Behaviour,
  behaviourOf,
  type MutantGroup,
} from './behaviours.js';
export { evaluateSuite, isToldApart, type Kills } from './evaluate-suite.js';
export {
  type Mutant,
  type MutantKind,
  type MutantName,
  mutantKindNames,
  mutantKinds,
} from './mutant.js';
export { mutantsOf } from './mutants.js';

export { type Population, populationOf, wClassOf } from './population.js';
export {
  killedIn,
  type MutantColumn,
  measuredCriteria,
  mutantColumns,
  mutantCounts,
  shareKilled,
  survivorsOf,
} from './strength.js';
