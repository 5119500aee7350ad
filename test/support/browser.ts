import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

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
 * How the real browser starts, headless: the one at `CHROMIUM_PATH`, or the one of `@sparticuz/chromium` with its own libraries.
 * @param more further flags
 */
export async function browserOptions(more: readonly string[] = []): Promise<LaunchOptions> {
  const args = [...flags, ...more];
  const own = process.env.CHROMIUM_PATH;
  if (own) return { executablePath: own, headless: true, args };
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/unpack-chromium.mjs']);
  const { executable, libraries, fonts } = JSON.parse(stdout) as Record<string, string>;
  return {
    executablePath: executable ?? '',
    headless: true,
    args,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_PATH: fonts,
    },
  };
}

/** Starts another browser. Close it when done. @param more further flags */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch(await browserOptions(more));
}
