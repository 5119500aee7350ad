/** Files become lists of sessions. */
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
  openRecording,
  type PageState,
  show,
  tell,
  usePage,
} from '../state/store.js';

/** Lines named when a file has wrong ones. */
const linesNamed = 5;

/**
 * Opens the text of a file, or says what is wrong with it and where. What it is, its beginning says: a coverage or a recording. A
 * recording that is partly right opens with a notice.
 */
export function openText(name: string, text: string): void {
  if (!isCoverageText(text)) {
    openRecordingText(name, linesOfSession(text) ?? text);
    return;
  }
  const { coverage, problem } = parseCoverage(text);
  if (coverage) openCoverage({ name, coverage });
  else tell('problem', `${name} ${problem}.`);
}

/** The steps of a session that was saved as JSON, as lines of a recording; null for other texts. */
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
    if (gaps.length > 0) tell('problem', `${name} has no step in it.`, lines);
    else {
      const empty = ['The file is empty.'];
      tell('problem', `${name} is no recording.`, lines.length > 0 ? lines : empty);
    }
    return;
  }
  open(name, steps, gaps);
  const lines = linesOf(recording);
  if (lines.length === 0) return;
  const left = problems.length + (torn ? 1 : 0);
  const leftOut =
    left === 0 ? '' : left === 1 ? ' One line was left out.' : ` ${left} lines were left out.`;
  tell('note', `${name} is open.${leftOut}`, lines);
}

/**
 * Lists the sessions of these steps under a name. Where the address names a session of a file that was not open, and it is among them, the
 * view stays as the address has it; else it goes to the first session.
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

/** What a recording does not have between two steps it has. */
function gapsIn({ steps, gaps: marks }: RecordedSession): HeldSteps['gaps'] {
  const last = steps.at(-1)?.seq ?? 0;
  const atEnd = marks.reduce((most, mark) => Math.max(most, endOf(mark) + 1), last);
  const seqs = [...steps.map(({ seq }) => seq), ...(atEnd > last ? [atEnd] : [])];
  return seqs.flatMap((seq, index) => {
    const from = (seqs[index - 1] ?? 0) + 1;
    if (seq <= from) return [];
    const to = seq - 1;
    const transitions = marks.find((mark) => endOf(mark) === to)?.transitions;
    return [{ from, to, cause: 'not in the recording', transitions }];
  });
}

/** seq of the last step that a gap mark stands for. */
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
    ...(torn ? ['The last line ends in the middle: whoever wrote it was stopped.'] : []),
  ];
}

/** Opens files that were dropped or chosen, one after the other. */
export async function openFiles(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    try {
      openText(file.name, await file.text());
    } catch (error) {
      tell('problem', `${file.name} cannot be read.`, [(error as Error).message]);
    }
  }
}

/** Lets the reader choose files. */
export function chooseFiles(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.jsonl,.ndjson,.json,.log,.txt';
  input.onchange = () => void openFiles(input.files ?? []);
  input.click();
}
