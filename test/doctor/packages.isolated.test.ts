import { expect, it, vi } from 'vitest';
import { inspectConfig } from '../../adapters/config/index.js';
import { packages } from '../../adapters/doctor/checks/versions.js';
import { System } from '../../adapters/doctor/index.js';

vi.mock(import('../../adapters/doctor/packages.js'), async (original) => ({
  ...(await original()),
  findPackage: async () => null,
}));

it('The doctor names the version of a missing package, as the gate does', async () => {
  const flags = { otlp: 'http://127.0.0.1:4318', stately: true };
  const loaded = await inspectConfig({ folder: '/', flags });
  const { signal } = new AbortController();
  const found = await packages.run({ loaded, system: new System(), signal });
  const fixes = found.map(({ fix }) => fix);
  expect(fixes).toContain("npm install '@opentelemetry/sdk-metrics@2'");
  expect(fixes).toContain("npm install '@opentelemetry/api@1.9'");
  expect(fixes).toContainEqual(
    expect.stringMatching(/^npm install '@statelyai\/inspect@\^\d+\.\d+/),
  );
});
