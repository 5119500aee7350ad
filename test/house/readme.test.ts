import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes, exitOf } from '../../adapters/cli/exit-codes.js';
import { DirectoryError } from '../../adapters/directory/errors.js';
import { exploreProblems } from '../../machines/engine/table/explore-error.js';
import { generatedPages } from '../../scripts/readme-tables.js';
import { freePort } from '../support/free-port.js';
import { closeGatesAfterEach, openGate } from '../support/gate.js';
import { runNode } from '../support/run-node.js';

closeGatesAfterEach();

/** Inside the package, so that a snippet finds `ixgate` by its name; ignored by git. */
const folder = '.cache/readme';
/** README.md and every page of docs, by path. */
const pages = new Map<string, string>();

const page = (path: string): string => {
  const text = pages.get(path);
  if (text === undefined) throw new Error(`there is no ${path}`);
  return text;
};

/** The first code block of a language in a page, after a heading. */
function snippet(path: string, heading: string, language = 'js'): string {
  const section =
    page(path)
      .split(/^#+ /m)
      .find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const code = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)?.[1];
  if (code === undefined) throw new Error(`${path} has no ${language} under "${heading}"`);
  return code;
}

async function runSnippet(name: string, code: string) {
  await writeFile(`${folder}/${name}.mjs`, code);
  return runNode([`${name}.mjs`], { cwd: folder });
}

beforeAll(async () => {
  const docs = await readdir('docs', { recursive: true });
  const paths = ['README.md', 'SECURITY.md', ...docs.map((name) => join('docs', name))];
  for (const path of paths.filter((name) => name.endsWith('.md'))) {
    pages.set(path, await readFile(path, 'utf8'));
  }
  await mkdir(folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('README.md', () => {
  it('has at most 150 lines', () => {
    expect(page('README.md').split('\n').length).toBeLessThanOrEqual(151);
  });

  it('shows a server that takes a registration', async () => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const client = `
      const { createClient } = await import('ixgate/client');
      const client = createClient({ endpoints: 'tcp://127.0.0.1:7004', clientName: 'desk-1', clientType: 'AgentApplication' });
      await client.registered;
      console.log((await client.request({ messageName: 'RequestAgentLogin', agentId: '1001' })).agentId);
      await client.close();
      await server.close();`;
    const code = `${snippet('README.md', 'Embed it')}${client}`
      .replaceAll(':7004', `:${tcp}`)
      .replaceAll(':7005', `:${ws}`);
    expect(await runSnippet('readme', code)).toEqual({ code: 0, stdout: '1001\n', stderr: '' });
  });
});

describe('The documents', () => {
  it.each(Object.keys(generatedPages))('%s has what is generated (npm run readme)', (path) => {
    expect(page(path)).toBe(generatedPages[path]?.(page(path)));
  });

  it('show a server and a client that work together as they stand', async () => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const server = snippet('docs/embed.md', 'The server');
    const client = snippet('docs/client.md', 'Register and send');
    const code = `${server}\n${client}\nawait server.close();`
      .replaceAll(':7004', `:${tcp}`)
      .replaceAll(':7005', `:${ws}`);
    const { code: exit, stdout, stderr } = await runSnippet('both', code);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\[\]\nregistered in \d+ ms, then EventAck\n$/);
    expect(exit).toBe(0);
  });

  it('show the chart of examples/chart.mjs', async () => {
    const example = await readFile('examples/chart.mjs', 'utf8');
    expect(snippet('docs/embed.md', 'The bare chart')).toBe(example.replace(/^\/\/.*\n/, ''));
  });

  it('show validators, and a file of clients, that can be used', async () => {
    const path = 'docs/validators.md';
    await writeFile(`${folder}/clients.yaml`, snippet(path, 'A list of clients', 'yaml'));
    const { code, stderr } = await runSnippet('validators', snippet(path, 'In code'));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('show sessions that run as they are written', async () => {
    const sessions = ['README.md', 'docs/start.md'].flatMap((path) =>
      page(path).split('$ nc localhost 7004\n').slice(1),
    );
    expect(sessions).toHaveLength(5);
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

  it('show of a log what ixgate analyze shows', async () => {
    const shown = ['README.md', 'docs/logs.md'].flatMap((path) =>
      page(path).split('    $ npx ixgate analyze ').slice(1),
    );
    expect(shown).toHaveLength(3);
    for (const text of shown) {
      const [command = '', ...rest] = text.split('\n');
      const { stdout } = await runNode([
        'adapters/cli/ixgate.mjs',
        'analyze',
        ...command.split(' '),
      ]);
      const lines = rest.map((line) => line.replace(/^ {4}/, ''));
      // README.md leaves out the legend and the totals.
      const shownLines = lines.slice(0, lines.indexOf(''));
      expect(stdout.split('\n').slice(0, shownLines.length)).toEqual(shownLines);
      expect(shownLines.length).toBeGreaterThan(1);
    }
  });

  it('show a service that rejects an older epoch', async () => {
    const port = await freePort();
    const client = `
      const { createClient } = await import('ixgate/client');
      const client = createClient({ endpoints: 'tcp://127.0.0.1:7004', clientName: 'desk-1', clientType: 'AgentApplication' });
      await client.registered;
      await client.request({ messageName: 'RequestAgentLogin', agentId: '1001' });
      const desk = desks.get('desk-1');
      // As a session in another gate does.
      desk.epoch += 1;
      const refused = await client.request({ messageName: 'RequestAgentLogout', agentId: '1001' }).catch((error) => error);
      console.log(desk.epoch > 1e15, desk.state, refused.code);
      await client.close();
      await server.close();`;
    const code = `${snippet('docs/cluster.md', 'Epochs in services')}${client}`
      .replace('redis://127.0.0.1:6379', 'memory')
      .replaceAll(':7004', `:${port}`);
    expect(await runSnippet('epochs', code)).toEqual({
      ...{ code: 0, stderr: '' },
      stdout: 'true RequestAgentLogin REQUEST_REFUSED\n',
    });
  });

  it('docs/cluster.md has every code of a directory with its exit code', async () => {
    const source = await readFile('adapters/directory/errors.ts', 'utf8');
    const codes = [...source.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map(([, code = '']) => code);
    const exits = codes.map((code) => {
      const error = new DirectoryError(code as DirectoryError['code'], '');
      return `${code} ${exitCodes[exitOf(error)].code}`;
    });
    const listed = [...page('docs/cluster.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)];
    expect(listed.map(([, code, exit]) => `${code} ${exit}`).sort()).toEqual(exits.sort());
    expect(exits.length).toBeGreaterThan(6);
  });

  it('docs/errors.md has every error code of the source', async () => {
    const files = (
      await Promise.all(
        ['adapters', 'machines'].map(async (top) =>
          (
            await readdir(top, { recursive: true })
          )
            .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
            .map((name) => join(top, name)),
        ),
      )
    ).flat();
    const codes = new Set<string>(Object.keys(exploreProblems));
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      for (const [, body = ''] of text.matchAll(
        /class \w+ extends (?:IxgateError|Error) \{(.*?)\n\}/gs,
      )) {
        for (const [, code = ''] of body.matchAll(/'([A-Z]{2,}(?:_[A-Z]+)*)'/g)) codes.add(code);
      }
    }
    const launcher = await readFile('adapters/cli/ixgate.mjs', 'utf8');
    for (const [, code = ''] of launcher.matchAll(/return \['([A-Z_]+)'/g)) codes.add(code);
    const listed = [...page('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
      ([, code]) => code,
    );
    expect(listed).toEqual([...codes].sort());
  });

  it('link to files and headings that exist', async () => {
    let count = 0;
    for (const [path, text] of pages) {
      // Not in code blocks.
      const prose = text.replaceAll(/^```.*?^```/gms, '').replaceAll(/^ {4}.*$/gm, '');
      for (const [, target = ''] of prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [file = '', heading] = target.split('#');
        const linked = file === '' ? path : join(dirname(path), file);
        await access(linked);
        if (heading !== undefined && linked.endsWith('.md')) {
          expect(anchorsOf(page(linked)), `${path}: ${target}`).toContain(heading);
        }
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(60);
  });

  it('begin by saying whom they are for', () => {
    const described = [...pages].filter(([path]) => /^docs\/[\w-]+\.md$/.test(path));
    const without = described.filter(
      ([, text]) => !/^# .+\n\nFor (those|readers|authors|programs) /.test(text),
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });
});

/** The anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
