import { sessionText } from '../../../machines/index.js';
import { chartSvg } from '../chart/index.js';
import { ladderMermaid, ladderSvg } from '../ladder/index.js';
import type { MenuItem } from '../parts/menu.js';
import { longestInputs } from '../simulator/index.js';
import { hashOf } from '../state/address.js';
import type { SessionView } from '../state/contracts.js';
import { tell, usePage } from '../state/store.js';
import { seqAt, useChart } from '../state/use-stage.js';
import { pngOf } from './picture.js';
import { fileName, saveFile } from './save-file.js';

/** Everything that can be taken away of a session, as the menu has it. */
export function useExports(session: SessionView): readonly MenuItem[] {
  const chart = useChart(session);
  const view = usePage((state) => state.view);
  const id = session.summary.session;
  const svg = (part: string, text: string) =>
    saveFile(fileName(id, `${part}.svg`), text, 'image/svg+xml');
  const png = (part: string, text: string) =>
    void pngOf(text).then(
      (picture) => saveFile(fileName(id, `${part}.png`), picture),
      (error: Error) => tell('problem', 'The picture could not be made.', [error.message]),
    );
  return [
    { label: 'Copy link to this step', onChoose: () => void copyLink() },
    { label: 'Chart as SVG', onChoose: () => svg('chart', chartSvg(chart)) },
    { label: 'Chart as PNG', onChoose: () => png('chart', chartSvg(chart)) },
    { label: 'Ladder as SVG', onChoose: () => svg('ladder', ladderSvg(session)) },
    { label: 'Ladder as PNG', onChoose: () => png('ladder', ladderSvg(session)) },
    {
      label: 'Ladder as Mermaid text',
      onChoose: () => saveFile(fileName(id, 'ladder.mmd'), ladderMermaid(session)),
    },
    {
      label: 'Session as JSON',
      onChoose() {
        const { summary, steps, gaps } = session;
        const text = `${JSON.stringify({ summary, steps, gaps }, null, 2)}\n`;
        saveFile(fileName(id, 'session.json'), text, 'application/json');
      },
    },
    { label: 'Session as recording', onChoose: saveRecording },
  ];

  function saveRecording(): void {
    saveFile(fileName(`${id}.jsonl`), sessionText(session));
  }

  async function copyLink(): Promise<void> {
    const isSimulated = session.origin === 'simulator';
    if (isSimulated && session.steps.length > 0 && view.inputs === null) {
      tell(
        'problem',
        'The simulation is too long for a link.',
        [`A link holds ${longestInputs} characters of inputs. Send the recording instead.`],
        { label: 'Save the recording', onChoose: saveRecording },
      );
      return;
    }
    // Time may have passed since the newest step of a simulation.
    const cursor = isSimulated ? view.cursor : seqAt(session, view.cursor);
    const link = new URL(location.href);
    link.hash = hashOf({ ...view, cursor, session: view.session, follow: false });
    try {
      await navigator.clipboard.writeText(link.href);
      tell('note', 'The link is copied.');
    } catch {
      // Without https the browser keeps the clipboard to itself; the address can be copied by hand.
      tell('note', 'The browser does not let the page copy. This is the link:', [link.href]);
    }
  }
}
