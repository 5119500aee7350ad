/**
 * Checks that every tracked text file is in plain English and uses no replaced name: `node scripts/lint-language.mjs [file ...]`.
 * Prints `file:line: "matched words": what to write instead` for each match and exits with 1 when there is one.
 * A line that contains `lint-language: allow` is skipped; use it for quotations only.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The old idiom: a pattern, what to write instead, and a sample that the unit test uses. A space in a pattern also
 * matches a line break, with the mark of a continued comment.
 * @type {readonly (readonly [pattern: string, instead: string, sample: string])[]}
 */
export const rules = [
  [
    // "There are no sessions" and "is no longer" are plain English.
    String.raw`(?<!\bthere )\b(?:is|are|was|were) (?:no|none)\b(?! (?:longer|more|less|later|earlier|higher|lower|larger|smaller|faster|slower)\b)`,
    'negate the adjective or verb: "is not ...", "invalid ..."',
    'an endpoint that is no endpoint',
  ],
  [
    String.raw`\bwhat (?:is|was) (?:no|not an?)\b`,
    '"an invalid ..."',
    'closed by what is not a frame',
  ],
  [String.raw`\b(?:whoever|whomever)\b`, 'name the actor', 'whoever connects'],
  [String.raw`\b(?:nobody|anybody|everybody|somebody)\b`, 'name the actor', 'somebody reads it'],
  [String.raw`\b(?:he|him|his|himself)\b`, 'name the actor; "their"', 'the user and his client'],
  [String.raw`\banew\b`, '"again", "from the start"', 'begins anew'],
  [String.raw`\bsave (?:for|where|that|when)\b`, '"except"', 'all save for one'],
  [
    String.raw`\bof (?:its|their|his|her|our|my) own\b`,
    '"its own ...", "separate"',
    'a folder of its own',
  ],
  [String.raw`\bamiss\b`, '"wrong", "invalid"', 'nothing is amiss'],
  [String.raw`\bmend(?:s|ed|ing)?\b`, '"fix"', 'the fault was mended'],
  [
    String.raw`\b(?:is|are|was|were|be|been|being) told\b|\btold (?:of|apart|so)\b`,
    'name the actor: "the server notifies", "reports", "distinguishes"',
    'the client is told',
  ],
  [
    String.raw`\bso (?:many|long) an?\b|\bso many (?:at once|in all|milliseconds|seconds)\b`,
    '"N per second", "the maximum number of ..."',
    'so many a second',
  ],
  [String.raw`\bin place of\b`, '"instead of"', 'null in place of a name'],
  [
    String.raw`\b(?:says?|said) so\b`,
    '"reports it", "logs it", "is set"',
    'unless the option says so',
  ],
  [
    String.raw`\bas (?:it|he|they|\w+ itself) (?:has|have) it\b`,
    '"according to ..."',
    'the text as it has it',
  ],
  [String.raw`\b(?:ended|ends) never\b`, '"never ends", "hung"', 'the command ended never'],
  [
    String.raw`\b(?:thereof|therein|thereupon|whence|whereby|whereupon|thereafter|thither|hither|hitherto|henceforth)\b`,
    'a shorter sentence',
    'the frame and the length thereof',
  ],
  [String.raw`\b(?:lest|forthwith|betwixt|aught|nought|albeit)\b`, 'a modern word', 'lest it hang'],
  [String.raw`\b(?:signs?) of life\b`, '"pong", "data"', 'no sign of life'],
  [String.raw`\bwithout a word\b`, '"without a message"', 'it closes without a word'],
  [String.raw`\b(?:became|becomes?) of\b`, '"the outcome of"', 'what became of it'],
  [String.raw`\bwhat (?:comes|came) of\b`, '"the result of"', 'what comes of it'],
  [String.raw`\bwhat there (?:is|are|was|were)\b`, '"the available ..."', 'takes what there is'],
  [String.raw`\bthere (?:is|are) no such\b`, '"... not found"', 'there is no such file'],
  [String.raw`\bknown of\b`, '"known about"', 'all that is known of it'],
  [String.raw`\b(?:at an end)\b`, '"ended", "over"', 'the session is at an end'],
  [String.raw`\bheld up\b`, '"blocked", "delayed"', 'the event loop was held up'],
  [String.raw`\bturn(?:s|ed|ing)?(?: |[-_])away\b`, '"reject"', 'connections that are turned away'],
  [String.raw`(?<!['\x22\x60])\bstrangers?\b`, '"unregistered client"', 'strangers wait'],
  [String.raw`\blets? go\b`, '"close", "release"', 'then it is let go'],
  [
    // Identifiers such as `owed` are allowed.
    String.raw`\b(?:is|are|was|were) owed\b|\bow(?:es|ed) (?:an?|the|it|them|no)\b`,
    '"pending"',
    'the server owes an answer',
  ],
  [String.raw`\bto be had\b`, '"available"', 'no descriptor is to be had'],
  [String.raw`\b(?:comes?|came) about\b`, '"happen"', 'the fault came about'],
  [String.raw`\bunasked\b`, '"unsolicited"', 'an event sent unasked'],
  [String.raw`\bke(?:ep|eps|pt|eping) back\b`, '"reserve", "delay"', 'descriptors are kept back'],
  [String.raw`\bfront door\b|\bat the door\b`, '"admission control"', 'checked at the door'],
];

/** Names that were replaced, and their successors. CHANGELOG.md may use them: it has the list for users. */
export const oldNames = {
  Doors: 'ListenerGroup',
  Conduct: 'UnregisteredOutcome',
  Dismissal: 'Rejection',
  Overheard: 'ServerConnection',
  FiniteMachine: 'MealyMachine',
  finiteMachineOf: 'mealyMachineOf',
  Distinctions: 'DistinguishingSequences',
  asSeen: 'observableMachine',
  killsOf: 'evaluateSuite',
  Breach: 'Violation',
  errorFrom: 'toError',
  toldError: 'serializeError',
  errorTold: 'deserializeError',
  MachineFour: 'XState4Machine',
  NotAllowed: 'InvalidValueError',
  keepAwake: 'enableKeepAlive',
  holdsAnswers: 'requiresDurableAck',
  turnedAway: 'rejected',
  turnAwayCauses: 'rejectionReasons',
  inspectLogs: 'analyzeLogs',
  penalise: 'addPenalty',
  mayErr: 'consumeErrorToken',
  mayRegister: 'consumeRegistrationToken',
  noMessage: 'onInvalidFrame',
  WRONG_USE: 'USAGE',
};
const oldNamePattern = new RegExp(String.raw`\b(?:${Object.keys(oldNames).join('|')})\b`, 'g');

/** At most one line break, so that no match crosses a paragraph. */
const gap = String.raw`(?:[ \t]+|[ \t]*\n[ \t]*(?:\*|\/\/|#)?[ \t]*)`;
const compiled = rules.map(([pattern, instead]) => ({
  pattern: new RegExp(pattern.replaceAll(' ', gap), 'gi'),
  instead,
}));

/**
 * Finds the old idiom in a text.
 * @param {string} text
 * @returns {{ line: number, words: string, instead: string }[]} in the order of the lines; `line` counts from 1
 */
export function findOldIdiom(text) {
  const found = [];
  for (const { pattern, instead } of compiled) {
    for (const { 0: words, index } of text.matchAll(pattern)) {
      const start = text.lastIndexOf('\n', index) + 1;
      const end = text.indexOf('\n', index + words.length);
      const lines = text.slice(start, end < 0 ? undefined : end);
      if (lines.includes('lint-language: allow')) continue;
      const line = text.slice(0, index).split('\n').length;
      found.push({ line, words: words.replace(/\s+(?:\*|\/\/|#)?\s*/g, ' '), instead });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

const textFiles = new Set('.ts .tsx .mjs .js .json .md .css .html .yaml .yml .c .svg'.split(' '));
const withoutExtension = ['.ci/run', 'LICENSE'];
/** Data and files that quote the old idiom. */
const excluded = [
  /^package-lock\.json$/,
  /\/package-lock\.json$/,
  /^test\/logs\//,
  /^bench\/results\//,
];
const self = 'scripts/lint-language.mjs';

/** @returns {string[]} the tracked text files, relative to the working directory */
function trackedFiles() {
  const listed = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0');
  return listed.filter(
    (file) =>
      file !== self &&
      (textFiles.has(extname(file)) || withoutExtension.includes(file)) &&
      !excluded.some((pattern) => pattern.test(file)),
  );
}

/**
 * Finds names that were replaced.
 * @param {string} text
 * @returns {{ line: number, words: string, instead: string }[]} in the order of the lines; `line` counts from 1
 */
export function findOldNames(text) {
  return [...text.matchAll(oldNamePattern)].map(({ 0: words, index }) => ({
    line: text.slice(0, index).split('\n').length,
    words,
    instead: oldNames[words],
  }));
}

function main() {
  const given = process.argv.slice(2);
  const files = given.length > 0 ? given : trackedFiles();
  let matches = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const names = file === 'CHANGELOG.md' ? [] : findOldNames(text);
    for (const { line, words, instead } of [...findOldIdiom(text), ...names]) {
      console.log(`${file}:${line}: "${words}": ${instead}`);
      matches += 1;
    }
  }
  if (matches === 0) return;
  console.error(`${matches} matches; write plain English and today's names (docs/contributing.md)`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
