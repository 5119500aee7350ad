import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { figures, playFigureOnChart, recordingText } from '../../machines/index.js';
import { temporaryFolder } from '../support/folder.js';
import { Command, ixgate } from './in-process.js';
import { Running } from './ixgate.js';

/** Each figure as a separate session. */
const sessions = figures.map((figure) =>
  playFigureOnChart(figure).steps.map((step) => ({ ...step, session: `figure-${figure.id}` })),
);
const all = recordingText(sessions.flat());

describe('ixgate viz', () => {
  test('serves the page with its recordings until it is stopped, and prints the URL', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'all.jsonl'), all);
    await writeFile(join(folder.path, 'torn.jsonl'), all.slice(0, -20));
    await using running = new Running(['viz', 'all.jsonl', 'torn.jsonl'], { cwd: folder.path });
    expect(await running.line()).toBe('torn.jsonl: the last line is cut off; it is left out');
    const [, url = ''] = /^watch (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(await running.line()) ?? [];
    const index = await fetch(`${url}recordings.json`).then((answer) => answer.json());
    expect(index).toMatchObject({
      gate: false,
      recordings: [
        { name: 'all.jsonl', path: '/recordings/1', sessions: 4, steps: sessions.flat().length },
        { name: 'torn.jsonl', path: '/recordings/2' },
      ],
    });
    const text = await fetch(`${url}recordings/1`).then((answer) => answer.text());
    expect(text).toBe(all);
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<div id="root"></div>');
    running.kill('SIGINT');
    expect(await running.ended).toBe(0);
    expect(running.stderr).toBe('');
  });

  test('needs no recording, and listens on the given port', async () => {
    await using first = new Command(['viz', '--json']);
    const { url } = await first.event('listening');
    const { port } = new URL(String(url));
    expect(await ixgate(['viz', '--port', port])).toEqual({
      code: 5,
      stdout: '',
      stderr: `ixgate: cannot listen on http://127.0.0.1:${port}: the port is taken. Stop what listens there, or choose another port\n`,
    });
  });

  test.each([
    { text: '<html>\n', problem: 'x.jsonl:1: not JSON: not an ixgate recording' },
    {
      text: `${all}{"seq":0}\n`,
      problem: `x.jsonl:${sessions.flat().length + 1}: seq is 0; allowed: a whole number from 1`,
    },
    { text: `7\n8\n9\n${all}`, problem: 'x.jsonl:1: JSON, but no object (and 2 more lines)' },
  ])('tells of a wrong file the line and why: $problem', async ({ text, problem }) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'x.jsonl'), text);
    for (const command of ['viz', 'report']) {
      expect(await ixgate([command, 'x.jsonl'], { cwd: folder.path })).toEqual({
        code: 2,
        stdout: '',
        stderr: `ixgate: ${problem}\n`,
      });
    }
  });
});

describe('ixgate report', () => {
  test('writes the only session as one file that needs no other', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'one.jsonl'), recordingText(sessions[1] ?? []));
    const ran = await ixgate(['report', 'one.jsonl'], { cwd: folder.path });
    expect(ran).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^figure-2a: refused \(2a\); .*\nwritten to one\.html\n$/),
    });
    const html = await readFile(join(folder.path, 'one.html'), 'utf8');
    const [, data = ''] = /id="ixgate-report">([^<]*)<\/script>/.exec(html) ?? [];
    expect(JSON.parse(data)).toEqual({ steps: sessions[1] });
    // What a page would load beside itself.
    expect(html).not.toMatch(
      /<script[^>]*\bsrc=|<link[^>]*rel="?stylesheet|\bimport\s*\(?["']\.?\//,
    );
  });

  test('of several sessions wants to know which', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'all.jsonl'), all);
    const list =
      'figure-1 (ixgate-figures, registered), figure-2a (no name, refused), figure-2b (no name, spoke-first), figure-2c (no name, refused-then-spoke)';
    expect(await ixgate(['report', 'all.jsonl'], { cwd: folder.path })).toEqual({
      code: 2,
      stdout: '',
      stderr: `ixgate: all.jsonl has 4 sessions; choose one with --session: ${list}\n`,
    });
    const wrong = ['report', 'all.jsonl', '--session', 'x'];
    expect((await ixgate(wrong, { cwd: folder.path })).stderr).toBe(
      `ixgate: all.jsonl: unknown session "x"; allowed: ${list}\n`,
    );
    const right = ['report', 'all.jsonl', '--session', 'figure-2c', '--out', 'c.html', '--json'];
    const { stdout } = await ixgate(right, { cwd: folder.path });
    expect(JSON.parse(stdout)).toEqual({
      written: 'c.html',
      session: 'figure-2c',
      verdict: 'refused-then-spoke',
      steps: sessions[3]?.length,
      torn: false,
      missing: 0,
    });
  });

  test('overwrites a file only when its name is given', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'one.jsonl'), recordingText(sessions[0] ?? []));
    await writeFile(join(folder.path, 'one.html'), 'mine');
    const run = (...args: string[]) =>
      ixgate(['report', 'one.jsonl', ...args], { cwd: folder.path });
    expect((await run()).stderr).toBe(
      'ixgate: one.html already exists; overwrite it with --out one.html, or choose another name\n',
    );
    expect(await readFile(join(folder.path, 'one.html'), 'utf8')).toBe('mine');
    expect((await run('--out', 'one.html')).code).toBe(0);
    expect(await readFile(join(folder.path, 'one.html'), 'utf8')).toContain('ixgate-report');
    expect((await run('--out', 'no/where.html')).stderr).toMatch(
      /^ixgate: no\/where\.html cannot be written: /,
    );
  });

  test('reports an empty recording', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'none.jsonl'), '\n');
    expect(await ixgate(['report', 'none.jsonl'], { cwd: folder.path })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'ixgate: none.jsonl: no sessions found\n',
    });
  });
});
