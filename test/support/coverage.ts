/**
 * With `IXGATE_COVERAGE=FOLDER` each test file writes which parts of the chart its gates, clients and testers covered into a separate file,
 * so that parallel workers need no lock; `ixgate coverage FOLDER` adds them up. Without the variable nothing is loaded.
 * Child processes are not counted.
 */
import { afterAll } from 'vitest';

const folder = process.env.IXGATE_COVERAGE;
if (folder) {
  const { randomUUID } = await import('node:crypto');
  const { subscribe } = await import('node:diagnostics_channel');
  const { mkdir } = await import('node:fs/promises');
  const { resolve } = await import('node:path');
  const { Coverage } = await import('../../machines/index.js');
  const { writeCoverage } = await import('../../adapters/coverage/index.js');
  const { stepChannel } = await import('../../adapters/runtime/step-channel.js');
  const target = resolve(folder);
  const coverage = new Coverage();
  subscribe(stepChannel, (step) => coverage.add(step as Parameters<typeof coverage.add>[0]));
  // Registered before the hooks of the test file, so it runs after them.
  afterAll(async () => {
    if (coverage.total.steps === 0) return;
    await mkdir(target, { recursive: true });
    await writeCoverage(`${target}/${randomUUID()}.json`, coverage);
  });
}
