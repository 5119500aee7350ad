/** Test generation: suites from any model, for every criterion and format. */
export {
  type Criterion,
  criteria,
  parseCriterion,
} from './criteria.js';
export { estimateSuite, type SuiteEstimate } from './estimate.js';
export {
  type SuiteFile,
  type SuiteFormat,
  suiteFiles,
  suiteFormats,
} from './formats/index.js';
export type { SuiteWords } from './formats/words.js';
export type { ExpectedStep, SuiteSettings, TestModel } from './model.js';
export type { Case, Suite, SuiteHeader } from './suite.js';
export {
  type ReadSuite,
  SuiteFileError,
  type SuiteNames,
  SuiteReader,
  suiteText,
} from './suite-file.js';
export { caseOf, type SuiteOptions, sequencesOf, suiteOf } from './suite-of.js';
