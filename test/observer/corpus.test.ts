import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  analyzeLogs,
  type Finding,
  logFormats,
  type ObservedSession,
  readAliases,
  readMapping,
} from '../../adapters/observer/index.js';

const folder = fileURLToPath(new URL('../logs/', import.meta.url));

/** What is to be found in a file, or in a folder of files. Sessions are in the order in which they end. */
interface Expected {
  readonly shows: string;
  /** client | verdict, and what is missing where it is not decidable | milliseconds to the answer | what was concluded */
  readonly sessions: readonly string[];
  /** code:line */
  readonly findings: readonly string[];
  /** first line:how many */
  readonly damages: readonly string[];
  readonly options?: { readonly registrationTimeout?: number; readonly rejectionTimeout?: number };
  readonly aliases?: string;
  readonly mapping?: string;
  /** When the first session begins and the last one ends, as the log has it. */
  readonly start?: string;
  readonly end?: string;
  /** Why each ended. */
  readonly ended?: readonly (string | null)[];
}

const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as Record<
  string,
  Expected
>;

async function analyzed(name: string, { options, aliases, mapping }: Expected) {
  const sessions: ObservedSession[] = [];
  const findings: Finding[] = [];
  const formats = logFormats({
    ...(aliases && { aliases: await readAliases(folder + aliases) }),
    ...(mapping && { mapping: await readMapping(folder + mapping) }),
  });
  const read = await analyzeLogs([folder + name], {
    ...options,
    formats,
    onSession: (session) => sessions.push(session),
    onFinding: (finding) => findings.push(finding),
  });
  return { sessions, findings, read };
}

const lineOf = ({ client, summary, answeredAfter, inferred }: ObservedSession) => {
  const missing = summary.verdict === 'undecided' ? `:${summary.missing}` : '';
  return `${client} | ${summary.verdict}${missing} | ${answeredAfter ?? ''} | ${inferred.join(' ')}`;
};

const asInLog = (at: number | undefined) =>
  at === undefined ? '' : new Date(at).toISOString().replace('T', ' ').replace('Z', '');

describe('A log of the corpus shows', () => {
  test.each(Object.entries(expected))('%s', async (name, wanted) => {
    const { sessions, findings, read } = await analyzed(name, wanted);
    expect(sessions.map(lineOf)).toEqual(wanted.sessions);
    expect(findings.map(({ code, line }) => `${code}:${line}`)).toEqual(wanted.findings);
    expect(read.damages.map(({ line, lines }) => `${line}:${lines}`)).toEqual(wanted.damages);
    const { counts } = read;
    expect(counts.read).toBe(counts.used + counts.ignored + counts.damaged);
    const [first] = sessions;
    if (wanted.start) expect(asInLog(first?.summary.startedAt)).toBe(wanted.start);
    if (wanted.end) expect(asInLog(sessions.at(-1)?.summary.lastAt)).toBe(wanted.end);
    if (wanted.ended) expect(sessions.map(({ summary }) => summary.reason)).toEqual(wanted.ended);
  });
});

test('Every file of the corpus is listed in its README with what it shows, and is expected', () => {
  const helpers = ['README.md', 'expected.json', 'aliases.yaml', 'mapping.yaml'];
  const files = readdirSync(folder).filter((name) => !helpers.includes(name));
  expect(files.sort()).toEqual(Object.keys(expected).sort());
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  for (const [name, { shows }] of Object.entries(expected)) {
    expect(readme).toContain(`| \`${name}\` | ${shows} |`);
  }
});
