/** Suites for a server of the registration: the generated suites of the engine with this protocol's names and words. */
import {
  type SuiteFile,
  type SuiteFormat,
  suiteFiles as suiteFilesOf,
} from '../../engine/testgen/formats/index.js';
import type * as engine from '../../engine/testgen/suite.js';
import {
  type ReadSuite as EngineReadSuite,
  type SuiteNames,
  SuiteReader,
} from '../../engine/testgen/suite-file.js';
import { configurations } from '../chart/configurations.js';
import { type ServerInput, serverInputNames } from './inputs.js';
import type { ServerSettings } from './server-model.js';
import { serverSuiteWords } from './suite-words.js';

export type Case = engine.Case<ServerInput>;
export type Suite = engine.Suite<ServerInput, ServerSettings>;
export type SuiteHeader = engine.SuiteHeader<ServerInput, ServerSettings>;
export type ReadSuite = EngineReadSuite<ServerInput, ServerSettings>;

/** The names in a suite file of the registration. */
export const serverSuiteNames: SuiteNames<ServerInput, ServerSettings> = {
  inputs: serverInputNames,
  states: configurations,
  settings: { answers: ['ack', 'none', 'any'] },
};

/** A suite of given cases. @param facts what the header says of them, without their counts */
export function suiteWith(
  cases: readonly Case[],
  facts: Omit<SuiteHeader, 'suite' | 'cases' | 'steps'>,
): Suite {
  return {
    suite: 1,
    ...facts,
    cases: cases.length,
    steps: cases.reduce((sum, { steps }) => sum + steps.length, 0),
    [Symbol.iterator]: () => cases[Symbol.iterator](),
  };
}

const reader = new SuiteReader(serverSuiteNames);

/**
 * Reads a suite from the lines of a file.
 * @throws {SuiteFileError} when the first line is not a header of this version; see `SuiteReader.read`.
 */
export function readSuite(lines: Iterable<string> | AsyncIterable<string>): Promise<ReadSuite> {
  return reader.read(lines);
}

/** The files of a suite in a format. */
export function suiteFiles(suite: Suite, format: SuiteFormat): Generator<SuiteFile> {
  return suiteFilesOf(suite, format, serverSuiteWords);
}
