/** Layouts of charts from a worker; on the page itself where there are no workers. */
import type { ChartLayout } from '../../layout/chart-layout.js';
import type { ChartTree } from '../../layout/tree.js';

export interface LayoutRequest {
  readonly id: number;
  readonly tree: ChartTree;
}

export type LayoutResponse =
  | { readonly id: number; readonly layout: ChartLayout }
  | { readonly id: number; readonly problem: string };

interface Waiting {
  readonly tree: ChartTree;
  resolve(layout: ChartLayout | Promise<ChartLayout>): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let count = 0;
/** Undefined before the first chart; null when workers cannot be used. */
let worker: Worker | null | undefined;

/** @throws {Error} when the chart cannot be laid out */
export function layoutInWorker(tree: ChartTree): Promise<ChartLayout> {
  if (worker === undefined) worker = openWorker();
  const sender = worker;
  if (sender === null) return layoutHere(tree);
  count += 1;
  const id = count;
  return new Promise((resolve, reject) => {
    waiting.set(id, { tree, resolve, reject });
    sender.postMessage({ id, tree } satisfies LayoutRequest);
  });
}

function openWorker(): Worker | null {
  // The report is one file, and a page that was opened from disk may not start workers. Pages of others may not allow them, or not find the file.
  if (import.meta.env.MODE === 'report' || import.meta.env.MODE === 'view') return null;
  try {
    const opened = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    opened.onmessage = ({ data }: MessageEvent<LayoutResponse>) => {
      const request = waiting.get(data.id);
      waiting.delete(data.id);
      if ('layout' in data) request?.resolve(data.layout);
      else request?.reject(new Error(data.problem));
    };
    opened.onerror = (event) => {
      event.preventDefault();
      giveUp();
    };
    return opened;
  } catch {
    return null;
  }
}

/** The worker cannot start: what waits is laid out on the page. */
function giveUp(): void {
  worker?.terminate();
  worker = null;
  for (const { tree, resolve } of waiting.values()) resolve(layoutHere(tree));
  waiting.clear();
}

async function layoutHere(tree: ChartTree): Promise<ChartLayout> {
  const { layoutChart } = await import('../../layout/layout.js');
  return layoutChart(tree);
}
