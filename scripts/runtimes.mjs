/**
 * Runtimes from npm: Node in other versions, Bun and Deno, in node_modules/.cache. Their packages `node`, `bun` and `deno` install the binary of
 * the platform by a script that npm may be configured not to run, so the package of the platform is installed directly.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { platform, arch } = process;
const isWindows = platform === 'win32';
const executable = isWindows ? '.exe' : '';

/** The package of this platform for each runtime, and the binary in it. */
const packages = {
  node: [`node-${isWindows ? 'win' : platform}-${arch}`, `bin/node${executable}`],
  bun: [
    `@oven/bun-${isWindows ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}`,
    `bin/bun${executable}`,
  ],
  deno: [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`, `deno${executable}`],
};

/**
 * Installs a runtime if it is not there yet.
 * @param wanted e.g. `node@22`, `bun@1`, `deno@2`
 * @returns the path of its binary
 */
export async function installRuntime(wanted) {
  const [runtime, version] = wanted.split('@');
  const [name, binary] = packages[runtime];
  const prefix = join(root, 'node_modules/.cache', `${runtime}-${version}`);
  const path = join(prefix, 'node_modules', name, binary);
  if (existsSync(path)) return path;
  await mkdir(prefix, { recursive: true });
  const installed = await run(
    'npm',
    ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
    { cwd: prefix, shell: isWindows },
  );
  if (!installed) throw new Error(`npm could not install ${name}@${version}`);
  return path;
}

/** Runs a command with the terminal of this process. @returns whether it exited with 0 */
export async function run(command, commandArguments, options = {}) {
  const child = spawn(command, commandArguments, { cwd: root, stdio: 'inherit', ...options });
  const [code] = await once(child, 'exit');
  return code === 0;
}
