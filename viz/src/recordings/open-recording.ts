/** Opens files: recordings as lists of sessions, coverages, learned machines. */
import { isLearnedText, parseLearned } from '../../../machines/engine/learning/parse-learned.js';
import {
  gapSentence,
  isCoverageText,
  parseCoverage,
  parseRecording,
  type RecordedSession,
  type Recording,
  type RecordingGap,
  recordingText,
  type SavedSession,
  type StepRecord,
  sessionsOf,
  sessionText,
} from '../../../machines/index.js';
import type { HeldSteps } from '../state/held-steps.js';
import { SessionIndex } from '../state/session-index.js';
import {
  type OpenRecording,
  openCoverage,
  openLearned,
  openRecording,
  type PageState,
  show,
  tell,
  usePage,
} from '../state/store.js';

/** Maximum number of invalid lines that a notice lists. */
const linesNamed = 5;

/**
 * Opens the text of a file, or reports the problem and its line. The beginning of the text shows whether it is a coverage, a learned machine or
 * a recording. A recording that is partly valid opens with a notice.
 */
export function openText(name: string, text: string): void {
  if (isLearnedText(text)) {
    openLearnedText(name, text);
    return;
  }
  if (!isCoverageText(text)) {
    openRecordingText(name, linesOfSession(text) ?? text);
    return;
  }
  const { coverage, problem } = parseCoverage(text);
  if (coverage) openCoverage({ name, coverage });
  else tell('problem', `${name} ${problem}.`);
}

function openLearnedText(name: string, text: string): void {
  // The report is one file, without the layout engine that the chart needs.
  if (import.meta.env.MODE === 'report') {
    tell('problem', `${name} is a learned machine; open it with ixgate viz.`);
    return;
  }
  const { file, problem } = parseLearned(text);
  if (file) openLearned({ name, file });
  else tell('problem', `${name} ${problem}.`);
}

/** Converts a session that was saved as JSON to lines of a recording; null for other texts. */
function linesOfSession(text: string): string | null {
  if (!/^\s*\{\s*"summary"/.test(text)) return null;
  try {
    const { summary, steps, gaps = [] } = JSON.parse(text) as Partial<SavedSession>;
    if (!Array.isArray(steps) || !Array.isArray(gaps)) return null;
    return summary && gaps.length > 0
      ? sessionText({ summary, steps, gaps })
      : recordingText(steps);
  } catch {
    return null;
  }
}

function openRecordingText(name: string, text: string): void {
  const recording = parseRecording(text);
  const { steps, problems, gaps, torn } = recording;
  if (steps.length === 0) {
    const lines = linesOf(recording);
    if (gaps.length > 0) tell('problem', `${name} contains no steps.`, lines);
    else {
      const empty = ['The file is empty.'];
      tell('problem', `${name} is not a recording.`, lines.length > 0 ? lines : empty);
    }
    return;
  }
  open(name, steps, gaps);
  const lines = linesOf(recording);
  if (lines.length === 0) return;
  const left = problems.length + (torn ? 1 : 0);
  const leftOut =
    left === 0 ? '' : left === 1 ? ' One line was skipped.' : ` ${left} lines were skipped.`;
  tell('note', `${name} is open.${leftOut}`, lines);
}

/**
 * Lists the sessions of these steps under a name. If the address names a session of a file that was not open, and it is among them, the view
 * stays as in the address; otherwise it shows the first session.
 */
export function open(
  name: string,
  steps: Iterable<StepRecord>,
  gaps: readonly RecordingGap[] = [],
): void {
  const recording = recordingOf(name, steps, gaps);
  const isAwaited = isAwaitedIn(recording, usePage.getState());
  openRecording(recording);
  if (isAwaited) {
    const { cursor } = usePage.getState().view;
    show({ recording: name, cursor, follow: false });
    return;
  }
  const [first = null] = recording.index.ids();
  show({ tab: 'sessions', recording: name, session: first, follow: false, ...noFilter });
}

function isAwaitedIn({ index }: OpenRecording, { view, recordings }: PageState): boolean {
  const { tab, session, recording } = view;
  if (tab !== 'sessions' || recording === null || session === null) return false;
  return index.get(session) !== undefined && recordings.every(({ name }) => name !== recording);
}

const noFilter = { filter: '', verdict: '', state: '', type: '' };

/**
 * @param steps of any number of sessions, in any order.
 * @param marks the gap marks of the recording.
 */
export function recordingOf(
  name: string,
  steps: Iterable<StepRecord>,
  marks: readonly RecordingGap[] = [],
): OpenRecording {
  const index = new SessionIndex();
  const held = new Map<string, HeldSteps>();
  for (const [session, recorded] of sessionsOf(steps, marks)) {
    index.set(recorded.summary);
    held.set(session, { steps: recorded.steps, gaps: gapsIn(recorded) });
  }
  return { name, index, held };
}

/** The gaps between the steps of a recording. */
function gapsIn({ steps, gaps: marks }: RecordedSession): HeldSteps['gaps'] {
  const last = steps.at(-1)?.seq ?? 0;
  const atEnd = marks.reduce((max, mark) => Math.max(max, endOf(mark) + 1), last);
  const seqs = [...steps.map(({ seq }) => seq), ...(atEnd > last ? [atEnd] : [])];
  return seqs.flatMap((seq, index) => {
    const from = (seqs[index - 1] ?? 0) + 1;
    if (seq <= from) return [];
    const to = seq - 1;
    const transitions = marks.find((mark) => endOf(mark) === to)?.transitions;
    return [{ from, to, cause: 'not in the recording', transitions }];
  });
}

/** seq of the last missing step of a gap mark. */
function endOf({ from = 0, steps }: RecordingGap): number {
  return from + steps - 1;
}

function linesOf({ problems, gaps, torn }: Recording): string[] {
  const named = problems.slice(0, linesNamed).map(({ line, reason }) => `Line ${line}: ${reason}.`);
  const more = problems.length - named.length;
  const missing = gapSentence(gaps);
  return [
    ...named,
    ...(more > 0 ? [`And ${more} more.`] : []),
    ...(missing === null ? [] : [`${missing}.`]),
    ...(torn ? ['The last line is incomplete: its writer was stopped.'] : []),
  ];
}

/** Opens dropped or chosen files, one after the other. */
export async function openFiles(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    try {
      openText(file.name, await file.text());
    } catch (error) {
      tell('problem', `${file.name} cannot be read.`, [(error as Error).message]);
    }
  }
}

/** Opens the file dialog. */
export function chooseFiles(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.jsonl,.ndjson,.json,.log,.txt';
  input.onchange = () => void openFiles(input.files ?? []);
  input.click();
}
