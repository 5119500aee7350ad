import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Folders of tests that only compute: they open no socket and start no process. */
const pure = [
  'registration/chart',
  'engine/coverage',
  'engine/diagrams',
  'engine/learning',
  'engine/model',
  'engine/table',
  'engine/testgen',
];
const unit = pure.map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

/** They replace the timers of their process, where those of another file would count. */
const races = 'test/races/**/*.test.ts';

/** `x.browser.test.ts` and so on: the name of a file tells how it runs. */
const named = (kind: string) => `test/**/*.${kind}.test.{ts,tsx}`;
/** Not `sampled`: such files run in `net` with a part of their cases, and in `full` with all. */
const special = ['browser', 'isolated', 'timing', 'full'].map(named);

const shared = {
  setupFiles: ['./test/support/coverage.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // A busy machine is slow; what never comes fails after this.
  expect: { poll: { timeout: 20_000 } },
};

/** Not less than two waits of a page (`pageTimeout`). */
const inBrowser = { ...shared, testTimeout: 120_000, hookTimeout: 120_000 };

// Most tests wait for sockets, browsers and processes: with a worker for each core, cores would be idle.
const maxWorkers = Math.max(4, availableParallelism());
/** Some tests of the full run measure what others leave to them. */
const fullWorkers = Math.max(3, availableParallelism());
const alone = { ...shared, fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    globalSetup: ['./test/support/build.ts'],
    reporters: ['default', './test/support/plain-summary.ts'],
    maxWorkers,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          pool: 'threads',
          isolate: false,
          include: unit,
          exclude: special,
          maxWorkers,
        },
      },
      {
        // Files share a process and its modules: a test closes what it opens and counts only what is its own.
        test: {
          ...shared,
          name: 'net',
          pool: 'forks',
          isolate: false,
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...unit, ...special, races],
          maxWorkers,
        },
      },
      {
        // One browser for all files.
        test: {
          ...inBrowser,
          name: 'browser',
          pool: 'forks',
          isolate: false,
          globalSetup: ['./test/support/browser-server.ts'],
          include: [named('browser')],
          maxWorkers,
        },
      },
      {
        // A process for each file: what is measured is of the whole process.
        test: {
          ...shared,
          name: 'isolated',
          pool: 'forks',
          include: [named('isolated'), races],
          exclude: [named('full')],
          maxWorkers,
        },
      },
      {
        // One file after the other, when all others are done: what is measured is time.
        test: {
          ...alone,
          name: 'timing',
          pool: 'forks',
          include: [named('timing')],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // `npm run test:full`: what takes long.
        test: {
          ...shared,
          name: 'full',
          pool: 'forks',
          env: { IXGATE_FULL: '1' },
          include: [named('full'), named('sampled')],
          exclude: [named('timing.full'), named('browser.full')],
          maxWorkers: fullWorkers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The same, in one browser.
        test: {
          ...inBrowser,
          name: 'full-browser',
          pool: 'forks',
          isolate: false,
          env: { IXGATE_FULL: '1' },
          globalSetup: ['./test/support/browser-server.ts'],
          include: [named('browser.full')],
          maxWorkers: fullWorkers,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // The same, alone.
        test: {
          ...alone,
          name: 'full-timing',
          pool: 'forks',
          include: [named('timing.full')],
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
