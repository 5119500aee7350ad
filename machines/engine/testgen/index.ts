/** Test generation: suites from any model, for every criterion and format. */
export {
  type Criterion,
  criteria,
  extraStatesOf,
  guaranteeOf,
  maxRandomCases,
  parseCriterion,
  randomCasesOf,
} from './criteria.js';
export {
  isGenerated,
  type SuiteFile,
  type SuiteFormat,
  suiteFiles,
  suiteFormats,
} from './formats/index.js';
export { caseSentence, type SuiteWords } from './formats/words.js';
export type { ExpectedStep, SuiteSettings, TestModel } from './model.js';
export { type Case, caseIdOf, type Suite, type SuiteHeader } from './suite.js';
export {
  type ReadSuite,
  SuiteFileError,
  type SuiteNames,
  SuiteReader,
  suiteText,
} from './suite-file.js';
export { caseOf, type SuiteOptions, sequencesOf, suiteOf } from './suite-of.js';
