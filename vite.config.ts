import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['./test/support/build.ts'],
    setupFiles: ['./test/support/coverage.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests wait for sockets, browsers and processes: with one worker a core would be idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A busy machine takes its time; what never comes fails after this.
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', './test/support/plain-summary.ts'],
  },
});
