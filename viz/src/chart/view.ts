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

const margin = 8;

/** The whole drawing in the middle of the pane. */
export function fitted(drawing: Size, pane: Size): View {
  const k = Math.min(
    (pane.width - 2 * margin) / drawing.width,
    (pane.height - 2 * margin) / drawing.height,
    mostFit,
  );
  const kept = Math.max(leastZoom, k);
  return {
    k: kept,
    x: (pane.width - drawing.width * kept) / 2,
    y: (pane.height - drawing.height * kept) / 2,
  };
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
