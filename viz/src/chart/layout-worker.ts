/** Lays out charts in a worker, so that the page stays usable: ELK takes seconds for large charts. */
import { layoutChart } from '../../layout/layout.js';
import type { LayoutRequest, LayoutResponse } from './worker-layout.js';

// ELK listens to messages of its worker too; this listener comes first.
self.addEventListener('message', async (event: MessageEvent<LayoutRequest>) => {
  event.stopImmediatePropagation();
  const { id, tree } = event.data;
  const response: LayoutResponse = await layoutChart(tree).then(
    (layout) => ({ id, layout }),
    (error: Error) => ({ id, problem: error.message }),
  );
  self.postMessage(response);
});
