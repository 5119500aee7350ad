import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A real headless browser: the one at `CHROMIUM_PATH`, or the one in `@sparticuz/chromium` with its own
 * libraries. The caller closes it.
 * @param more additional flags
 */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const args = [...flags, ...more];
  const own = process.env.CHROMIUM_PATH;
  if (own) return chromium.launch({ executablePath: own, headless: true, args });
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/unpack-chromium.mjs']);
  const { executable, libraries, fonts } = JSON.parse(stdout) as Record<string, string>;
  return chromium.launch({
    executablePath: executable ?? '',
    headless: true,
    args,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_PATH: fonts,
    },
  });
}
