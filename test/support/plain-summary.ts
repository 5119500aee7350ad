import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends every run with a line `FAILED file > test: message` for each failure, and one that is easy to parse: `N passed, N failed`, and
 * `, N skipped` if any were skipped. A file that could not be loaded and an error outside of every test count as failed.
 */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const before = count.failed;
      for (const test of module.children.allTests()) {
        const { state, errors: [error] = [] } = test.result();
        count[state] += 1;
        if (state === 'failed') report(`${module.relativeModuleId} > ${test.fullName}`, error);
      }
      if (module.state() === 'failed' && count.failed === before) {
        count.failed += 1;
        report(module.relativeModuleId, module.errors()[0]);
      }
    }
    for (const error of errors) report('outside of every test', error as Error);
    const skipped = count.skipped + count.pending;
    console.log(
      `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    );
  }
}

function report(what: string, error: { readonly message: string } | undefined): void {
  const [message = ''] = stripVTControlCharacters(error?.message ?? '').split('\n', 1);
  console.log(`FAILED ${what}: ${message}`);
}
