/** Many sessions as one recording. Those of the gate are fetched one after the other, a few at a time. */
import { type SessionSummary, sessionText } from '../../../machines/index.js';
import { collectSteps } from '../gate/gate.js';
import { type HeldSteps, nothingHeld, viewOf } from '../state/held-steps.js';
import { tell, usePage } from '../state/store.js';
import { fileName, saveFile } from './save-file.js';

/** Sessions fetched at once. */
const atOnce = 8;

/** Saves the sessions that are listed, in the order of the list. */
export async function saveShown(sessions: readonly SessionSummary[]): Promise<void> {
  const { view, recordings } = usePage.getState();
  const recording = recordings.find(({ name }) => name === view.recording);
  const fetchSteps = recording
    ? async ({ session }: SessionSummary) => recording.held.get(session) ?? nothingHeld
    : ({ session, steps }: SessionSummary) => collectSteps(session, steps);
  const fetched: HeldSteps[] = [];
  let next = 0;
  const fetchOn = async () => {
    for (let at = next++; at < sessions.length; at = next++) {
      const summary = sessions[at];
      if (summary) fetched[at] = await fetchSteps(summary);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, fetchOn));
  } catch (error) {
    tell('problem', 'The recording could not be saved.', [(error as Error).message]);
    return;
  }
  const texts = fetched.map((held, index) => {
    const view = held.steps.length > 0 ? viewOf('recording', sessions[index], held) : null;
    return view ? sessionText(view) : '';
  });
  saveFile(fileName('ixgate', `${sessions.length}-sessions.jsonl`), texts.join(''));
  const empty = texts.filter((text) => text === '').length;
  if (empty > 0) tell('note', `The gate no longer has the steps of ${empty} sessions.`);
}
