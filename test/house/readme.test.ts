import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withTables } from '../../scripts/readme-tables.js';
import { freePort } from '../support/free-port.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { runNode } from '../support/run-node.js';

closeGatesAfterEach();

/** Inside the package, so that a snippet finds `ixgate` by its name; ignored by git. */
const folder = '.cache/readme';
let readme: string;

/** The code of a language under a heading, whole. */
function snippet(heading: string, language = 'js'): string {
  const section = readme.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const code = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)?.[1];
  if (code === undefined) throw new Error(`README.md has no ${language} under "${heading}"`);
  return code;
}

async function runSnippet(name: string, code: string) {
  await writeFile(`${folder}/${name}.mjs`, code);
  return runNode([`${name}.mjs`], { cwd: folder });
}

beforeAll(async () => {
  readme = await readFile('README.md', 'utf8');
  await mkdir(folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('README', () => {
  it('has the tables of options and exit codes that the program has (npm run readme)', () => {
    expect(readme).toBe(withTables(readme));
  });

  it('shows a server and a client that work together as they stand', async () => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const code = `${snippet('The server')}\n${snippet('The client')}\nawait server.close();`
      .replaceAll(':7004', `:${tcp}`)
      .replaceAll(':7005', `:${ws}`);
    const { code: exit, stdout, stderr } = await runSnippet('both', code);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\[\]\nregistered in \d+ ms, then EventAck\n$/);
    expect(exit).toBe(0);
  });

  it('shows the chart of examples/chart.mjs', async () => {
    const example = await readFile('examples/chart.mjs', 'utf8');
    expect(snippet('The bare chart')).toBe(example.replace(/^\/\/.*\n/, ''));
  });

  it('shows validators, and a file of clients, that can be used', async () => {
    await writeFile(`${folder}/clients.yaml`, snippet('Who may register', 'yaml'));
    const { code, stderr } = await runSnippet('validators', snippet('Who may register'));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('shows sessions that go as it says', async () => {
    const sessions = readme.split('$ nc localhost 7004\n').slice(1);
    expect(sessions).toHaveLength(4);
    for (const session of sessions) {
      const lines =
        session
          .split('\n\n')[0]
          ?.split('\n')
          .map((line) => line.trim()) ?? [];
      const { client } = await openGate({ onMessage: ({ reply }) => void reply.ack() });
      await using typed = await client();
      for (const line of lines.filter((text) => text !== '')) {
        if (!line.startsWith('{"messageName":"Event')) typed.say(`${line}\n`);
        else expect(JSON.stringify(await typed.next())).toBe(line);
      }
    }
  });

  it('shows of a log what ixgate inspect shows', async () => {
    const shown = readme.split('    $ npx ixgate inspect ').slice(1);
    expect(shown).toHaveLength(2);
    for (const text of shown) {
      const [command = '', ...rest] = text.split('\n');
      const { stdout } = await runNode([
        'adapters/cli/ixgate.mjs',
        'inspect',
        ...command.split(' '),
      ]);
      const lines = rest.map((line) => line.replace(/^ {4}/, ''));
      const wanted = stdout.trimEnd().split('\n');
      expect(lines.slice(0, wanted.length)).toEqual(wanted);
    }
  });

  it('links to files that are there', async () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path ?? '');
    expect(links.length).toBeGreaterThan(5);
    await Promise.all(links.map((path) => access(path)));
  });
});
