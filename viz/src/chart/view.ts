/** The visible part of a drawing and its zoom. Pure functions; the caller handles events. */
import type { Box, Point, Size } from '../../layout/measure.js';

/** A point of the drawing is at `x + k * point.x`, `y + k * point.y` in the pane, in CSS pixels. */
export interface View extends Point {
  /** CSS pixels per unit of the drawing. */
  readonly k: number;
}

const minZoom = 0.125;
const maxZoom = 6;

/** Maximum automatic zoom: at this size the text is already easy to read. */
const maxFit = 1.5;

/** Minimum zoom at which the text of a whole chart is readable. */
const minReadableFit = 0.6;

/** At this zoom the smallest text of a chart (10 units, see drawing.css) is 9 pixels high. */
const readableZoom = 0.9;

const margin = 8;

/** Height of the buttons, which cover the bottom of the pane. */
const buttonsHeight = 44;

/** The whole drawing in the middle of the pane. */
export function fitted(drawing: Size, pane: Size): View {
  const k = Math.min(
    (pane.width - 2 * margin) / drawing.width,
    (pane.height - 2 * margin) / drawing.height,
    maxFit,
  );
  return centred(drawing, pane, Math.max(minZoom, k));
}

/**
 * The whole drawing if it is readable at that size; otherwise a part at a readable size that contains these boxes. If they do not all fit,
 * it contains the last one.
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

/** Zooms by a factor. The point under `at` (in the pane) stays in place. */
export function zoomed(view: View, factor: number, at: Point): View {
  const k = Math.min(maxZoom, Math.max(minZoom, view.k * factor));
  const real = k / view.k;
  return { k, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real };
}

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Moves the box into the pane by the smallest distance; returns the same view if the box is already visible. */
export function revealing(view: View, box: Box, pane: Size): View {
  const shift = (from: number, length: number, whole: number) => {
    if (from < margin) return margin - from;
    return from + length > whole - margin ? Math.max(whole - margin - length, margin) - from : 0;
  };
  const dx = shift(view.x + view.k * box.x, view.k * box.width, pane.width);
  const dy = shift(view.y + view.k * box.y, view.k * box.height, pane.height);
  return dx === 0 && dy === 0 ? view : moved(view, dx, dy);
}
