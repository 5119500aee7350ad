import { spawn } from 'node:child_process';

/** Milliseconds after which a browser that has not failed counts as started. */
const started = 2_000;

/** The program that opens an address, by platform, and its arguments before the address. */
const programs: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // `start` takes a first argument in quotes as the title of a window.
  win32: ['cmd', '/c', 'start', '""'],
};

/**
 * Opens an address in the default browser; on Linux the first one of `$BROWSER`, else that of `xdg-open`. The package `open` would bring twelve
 * more packages.
 * @param url http or https @returns false when no browser could be started
 */
export function openInBrowser(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const own = env.BROWSER?.split(':')[0];
  const [program, ...before] = programs[process.platform] ?? [own || 'xdg-open'];
  return new Promise((resolve) => {
    // An ampersand would end the command of cmd.
    const address = program === 'cmd' ? url.replaceAll('&', '^&') : url;
    const child = spawn(program, [...before, address], { stdio: 'ignore', detached: true, env });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
    // Still running: it is the browser itself.
    setTimeout(() => resolve(true), started).unref();
    child.unref();
  });
}
