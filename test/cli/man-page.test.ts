import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify, stripVTControlCharacters } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { exitCodes } from '../../adapters/cli/exit-codes.js';
import { flagOf, serveKeys, variableOf } from '../../adapters/config/index.js';
import { manual } from '../../scripts/man-page.js';

const run = promisify(execFile);
const path = 'man/ixgate.1';

/** Runs a program that checks the page; null if it is not installed. */
async function checked(program: string, args: readonly string[], env = process.env) {
  try {
    return await run(program, [...args, path], { env, maxBuffer: 2 ** 24 });
  } catch (error) {
    // A program that finds a fault may have another exit code.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      return error as { stdout: string; stderr: string };
    }
    console.warn(`SKIPPED: ${program} is not installed (Debian: apt-get install ${program})`);
    return null;
  }
}

describe('The man page', () => {
  it('is up to date: npm run readme', async () => {
    expect(await readFile(path, 'utf8')).toBe(manual);
  });

  it('is in the package', async () => {
    const { man, files } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(man).toBe(`./${path}`);
    expect(files).toContain('man');
  });

  it('has every option and variable of serve, and every exit code', async () => {
    const text = (await readFile(path, 'utf8')).replaceAll('\\-', '-');
    for (const key of serveKeys) {
      expect(text).toMatch(new RegExp(`^\\.B ${flagOf(key)}( |$)`, 'm'));
      expect(text).toContain(variableOf(key));
    }
    for (const { code, meaning } of Object.values(exitCodes)) {
      expect(text).toContain(`.B ${code}\n${meaning}`);
    }
  });

  test.each([
    ['groff', ['-man', '-Tutf8', '-ww', '-z']],
    ['mandoc', ['-Tlint', '-Wwarning']],
  ])('has no fault for %s', async (program, args) => {
    const found = await checked(program, args);
    // A generated page has no date.
    const told = `${found?.stdout ?? ''}${found?.stderr ?? ''}`;
    expect(told.replace(/^.*WARNING: missing date.*\n/, '')).toBe('');
  });

  it('shows what is written, with signs that mean something to roff', async () => {
    const env = { ...process.env, MANWIDTH: '200' };
    const found = await checked('man', ['--warnings', '-E', 'UTF-8', '-l', '-P', 'cat'], env);
    if (!found) return;
    expect(found.stderr).toBe('');
    const text = stripVTControlCharacters(found.stdout);
    expect(text).toContain('--registration-timeout <duration>');
    expect(text).toContain(`'{"messageName":"RequestAgentLogin"}'`);
    expect(text).toContain("printf '%s\\n'");
  });
});
