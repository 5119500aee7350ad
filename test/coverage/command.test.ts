import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCoverage, writeCoverage } from '../../adapters/coverage/index.js';
import {
  Coverage,
  coverageText,
  gapMark,
  parseCoverage,
  recordingText,
} from '../../machines/index.js';
import { ixgate } from '../cli/in-process.js';
import { program } from '../cli/ixgate.js';
import { temporaryFolder } from '../support/folder.js';
import { runNode } from '../support/run-node.js';
import { played } from './played.js';

const all = (['1', '2a', '2b', '2c'] as const).flatMap((id) => played(id));
const coverage = new Coverage();
for (const step of all) coverage.add(step);

/** Runs the command in a folder with files. */
async function within(files: Readonly<Record<string, string | Buffer>>) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder.path, name, '..'), { recursive: true });
    await writeFile(join(folder.path, name), content);
  }
  return Object.assign(folder, {
    run: (...args: string[]) => ixgate(['coverage', ...args], { cwd: folder.path }),
  });
}

describe('ixgate coverage', () => {
  test('of a recording prints the coverage, and the missing items with their descriptions', async () => {
    await using folder = await within({ 'all.jsonl': recordingText(all) });
    const { code, stdout, stderr } = await folder.run('all.jsonl');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n\n')[0]).toBe(
      [
        '                    server',
        'states            8 of   9',
        'transitions       8 of  30',
        '  documented      8 of   8',
        '  steps           8 of  17',
        '  unexpected      0 of  13',
        'pairs            10 of 258',
        '  of steps       10 of  82',
        'sessions seen            4',
        'steps seen              17',
      ].join('\n'),
    );
    expect(stdout).toContain(
      'not covered: states\n  validating/rejection   The server validates the client. EventAck or EventError is pending. The rejection deadline runs.\n',
    );
    expect(stdout).toContain('  registered:OtherMessage            A message for the service.\n');
    expect(stdout).toMatch(/\n {2}registered:OtherMessage +none of the 6 that can follow\n/);
  });

  test('adds recordings, coverage files and folders of both by their content, each file once', async () => {
    const half = all.length >> 1;
    const client = new Coverage();
    for (const step of played('1', { seat: 'client' })) client.add(step);
    await using folder = await within({
      // The second file continues a session of the first.
      'day/1.txt': `{"recording":1,"node":"gate-1"}\n${recordingText(all.slice(0, half))}`,
      'day/2.json': recordingText(all.slice(half)),
      'day/3.jsonl': coverageText(client),
      'day/README.md': '# Monday\n',
      'day/empty.jsonl': '',
      'day/.draft.tmp': coverageText(client),
      'day/picture.png': Buffer.from([0x89, 0x50, 0, 0, 0xff]),
      'day/night/4.jsonl': recordingText(all),
    });
    await symlink('nowhere', join(folder.path, 'day/dangling.jsonl'));
    const { code, stdout } = await folder.run('day', 'day/1.txt', '--out', 'day.cov', '--json');
    expect(code).toBe(0);
    const written = await readCoverage(join(folder.path, 'day.cov'));
    const expected = new Coverage().merge(coverage).merge(client);
    expect(written.toJSON()).toEqual(expected.toJSON());
    expect(JSON.parse(stdout)).toMatchObject({
      sessions: 5,
      steps: 20,
      states: { covered: 8, of: 9, missing: ['validating/rejection'] },
      pairsOfSteps: { covered: 10, of: 82 },
      seats: { server: { sessions: 4 }, client: { sessions: 1, transitions: { covered: 3 } } },
      files: [
        { path: 'day/1.txt', kind: 'recording', steps: half },
        { path: 'day/2.json', kind: 'recording', steps: all.length - half },
        { path: 'day/3.jsonl', kind: 'coverage', steps: 3 },
      ],
      torn: [],
      missing: 0,
      written: 'day.cov',
    });
    // One column for all seats together and one for each.
    expect((await folder.run('day.cov')).stdout).toMatch(
      /^ +all +server +client\nstates +8 of +9 +8 of +9 +4 of +9\n/,
    );
  });

  test('reports the gaps of a recording, and counts the rest', async () => {
    const text = `${recordingText(all.slice(0, 4))}${gapMark({ steps: 3, at: 1 })}\n${gapMark({ steps: 2, at: 1 })}\n${recordingText(all.slice(9))}`;
    await using folder = await within({ 'x.jsonl': text.slice(0, -30) });
    const { code, stdout } = await folder.run('x.jsonl');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^x\.jsonl: 5 steps are missing: the writer of the recording could not write them\nx\.jsonl: the last line is cut off; it is left out\n/,
    );
    expect(stdout).toMatch(new RegExp(`steps seen +${4 + all.length - 10}\n`));
  });

  test.each<[string, string | Buffer, string]>([
    ['empty', '', 'is empty: there is nothing to count in it'],
    ['blank', '\uFEFF\n \r\n', 'is empty: there is nothing to count in it'],
    [
      'binary',
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff]),
      'is neither a coverage file nor a recording (binary)',
    ],
    ['web page', '<html>\n', 'is neither a coverage file nor a recording (line 1: not JSON)'],
    [
      'other version',
      '{ "coverage": 7, "seats": {} }',
      'has coverage 7, and this ixgate reads coverage 1. Write it again with this version',
    ],
    [
      'damaged',
      coverageText(coverage).slice(0, 80),
      'is cut off or was edited: invalid JSON. Write it again',
    ],
  ])('rejects an invalid file (%s) in one line', async (_, content, problem) => {
    await using folder = await within({ x: content });
    expect(await folder.run('x')).toEqual({
      code: 2,
      stdout: '',
      stderr: `ixgate: x: ${problem}\n`,
    });
  });

  test('rejects a missing, unreadable or empty path in one line', async () => {
    await using folder = await within({
      'night/notes.txt': 'nothing\n',
      'bad.jsonl': `${recordingText(all)}{"seq":0}\n`,
      'wild.jsonl': `{"seq":1,"session":"${'x'.repeat(70_000)}`,
    });
    const stderrOf = async (...args: string[]) => {
      const { code, stdout, stderr } = await folder.run(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      return stderr.replace(/^ixgate: (.*)\n$/, '$1');
    };
    expect(await stderrOf('no.jsonl')).toBe('no.jsonl: cannot be read: file not found');
    expect(await stderrOf('night')).toBe(
      'night: there is no coverage file and no recording in this folder',
    );
    expect(await stderrOf('/dev/null')).toBe('/dev/null: is not a file: save it to one first');
    expect(await stderrOf('bad.jsonl')).toBe(
      `bad.jsonl:${all.length + 1}: seq is 0; allowed: a whole number from 1`,
    );
    expect(await stderrOf('bad.jsonl', '--out', 'x/y.json')).toMatch(/^bad\.jsonl:/);
    await writeFile(join(folder.path, 'good.jsonl'), recordingText(all));
    expect(await stderrOf('good.jsonl', '--out', 'x/y.json')).toBe(
      'x/y.json: cannot be written: the parent folder does not exist. Create it first',
    );
    expect(await stderrOf('good.jsonl', '--out', 'night')).toBe(
      'night: cannot be written: it is a folder',
    );
    expect(await stderrOf()).toContain("missing required argument 'file'");
    expect(await readdir(folder.path)).not.toContain(expect.stringMatching(/tmp$/));
  });

  test('reads a recording of 200,000 steps in a heap that could not hold it', async () => {
    await using folder = await within({});
    const path = join(folder.path, 'long.jsonl');
    const file = createWriteStream(path);
    const session = played('2c');
    // The other sessions never end: little is remembered of each.
    const sessions = 40_000;
    for (let number = 1; number <= sessions; number += 1) {
      const ends = number % 2 === 0;
      const steps = session
        .slice(0, ends ? 6 : 4)
        .map((step) => ({ ...step, session: `3f2a9c11-${number}` }));
      if (!file.write(recordingText(steps))) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
    const small = ['--max-old-space-size=48', program, 'coverage', path, '--json'];
    const { code, stdout, stderr } = await runNode(small);
    // What takes longer than ten seconds shows how far it is.
    expect(stderr).toMatch(/^(\d+ of \d+ MB\n)*$/);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sessions, steps: 200_000, foreign: 0 });
  }, 120_000);
});

describe('A coverage file', () => {
  test('is written completely or not at all, and through a link', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'today.json');
    await writeCoverage(path, new Coverage());
    await symlink('today.json', join(folder.path, 'latest'));
    const write = () => writeCoverage(join(folder.path, 'latest'), coverage);
    for (let round = 0; round < 50; round += 1) {
      const [text] = await Promise.all([readFile(path, 'utf8'), write(), write()]);
      expect(parseCoverage(text).problem).toBe(null);
    }
    await expect(writeCoverage(join(folder.path, 'x'.repeat(256)), coverage)).rejects.toThrow(
      'cannot be written: ENAMETOOLONG',
    );
    expect((await readdir(folder.path)).sort()).toEqual(['latest', 'today.json']);
    expect((await readCoverage(path)).toJSON()).toEqual(coverage.toJSON());
    await writeFile(path, 'x'.repeat(4_000_001));
    await expect(readCoverage(path)).rejects.toThrow(
      `${path}: is not a coverage file: it has 4000001 bytes`,
    );
  });
});
