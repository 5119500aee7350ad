/** How a drawing is looked at: which part of it, how large. Pure sums; times and events are the caller's. */
import type { Box, Point, Size } from '../../layout/measure.js';

/** A point of the drawing is seen at `x + k * point.x`, `y + k * point.y` in the pane, in CSS pixels. */
export interface View extends Point {
  /** CSS pixels for one unit of the drawing. */
  readonly k: number;
}

/** From an eighth of its size to six times. */
const leastZoom = 0.125;
const mostZoom = 6;

/** Larger than this a whole chart is not drawn by itself: its text is easy to read already. */
const mostFit = 1.5;

/** Smaller than this the text of a whole chart is hard to read. */
const minReadableFit = 0.6;

/** At this zoom the smallest text of a chart (10, see drawing.css) has 9 pixels. */
const readableZoom = 0.9;

const margin = 8;

/** The buttons lie over the bottom of the pane. */
const buttonsHeight = 44;

/** The whole drawing in the middle of the pane. */
export function fitted(drawing: Size, pane: Size): View {
  const k = Math.min(
    (pane.width - 2 * margin) / drawing.width,
    (pane.height - 2 * margin) / drawing.height,
    mostFit,
  );
  return centred(drawing, pane, Math.max(leastZoom, k));
}

/**
 * The whole drawing where it can be read at that size; otherwise as much of it as fits at a size that can be read, with these boxes in the
 * pane. If they do not all fit, the last of them does.
 */
export function readable(before: View, drawing: Size, pane: Size, boxes: readonly Box[]): View {
  const whole = fitted(drawing, pane);
  if (whole.k >= minReadableFit) return whole;
  let view = before.k === readableZoom ? before : centred(drawing, pane, readableZoom);
  const around = boxAround(boxes);
  const free = { ...pane, height: pane.height - buttonsHeight };
  for (const box of around ? [around, ...boxes] : []) view = revealing(view, box, free);
  return view;
}

function centred(drawing: Size, pane: Size, k: number): View {
  return { k, x: (pane.width - drawing.width * k) / 2, y: (pane.height - drawing.height * k) / 2 };
}

function boxAround(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Larger or smaller by a factor; the point under `at` (in the pane) stays where it is. */
export function zoomed(view: View, factor: number, at: Point): View {
  const k = Math.min(mostZoom, Math.max(leastZoom, view.k * factor));
  const real = k / view.k;
  return { k, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real };
}

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Moved as little as brings the box into the pane; the same view when it is there. */
export function revealing(view: View, box: Box, pane: Size): View {
  const shift = (from: number, length: number, whole: number) => {
    if (from < margin) return margin - from;
    return from + length > whole - margin ? Math.max(whole - margin - length, margin) - from : 0;
  };
  const dx = shift(view.x + view.k * box.x, view.k * box.width, pane.width);
  const dy = shift(view.y + view.k * box.y, view.k * box.height, pane.height);
  return dx === 0 && dy === 0 ? view : moved(view, dx, dy);
}
