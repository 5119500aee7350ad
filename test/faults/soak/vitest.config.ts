import { defineConfig } from 'vitest/config';

/** Tests that take minutes: `npm run soak`, or one promise, `npm run soak -- -t T11`. */
export default defineConfig({
  test: {
    include: ['test/faults/soak/**/*.soak.ts'],
    globalSetup: ['./test/support/build.ts'],
    env: { IXGATE_FULL: '1' },
    testTimeout: 900_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    reporters: ['verbose', './test/support/plain-summary.ts'],
  },
});
