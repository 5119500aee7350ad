/** The line of an edge: straight pieces with rounded corners, and an arrow head. */
import type { Point } from './measure.js';

const cornerRadius = 6;
const headLength = 7;
const headHalf = 3.2;

/** Path data of a line through the points. It ends before the last point to make room for the arrow head. */
export function roundedLine(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return '';
  const parts = [`M${at(first)}`];
  let from = first;
  for (const [index, corner] of rest.entries()) {
    const next = rest[index + 1];
    if (!next) break;
    const after = distance(corner, next);
    // The last piece keeps room for the arrow head.
    const room = next === last ? after - headLength : after / 2;
    const radius = Math.max(0, Math.min(cornerRadius, distance(from, corner) / 2, room));
    parts.push(`L${at(towards(corner, from, radius))}`);
    parts.push(`Q${at(corner)} ${at(towards(corner, next, radius))}`);
    from = corner;
  }
  parts.push(`L${at(towards(last, from, Math.min(headLength - 1, distance(from, last))))}`);
  return parts.join('');
}

/** Path data of the arrow head at the end of a line. */
export function arrowHead(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (!tip || !before) return '';
  const back = towards(tip, before, headLength);
  const length = distance(before, tip) || 1;
  const across = {
    x: ((tip.y - before.y) / length) * headHalf,
    y: ((before.x - tip.x) / length) * headHalf,
  };
  const left = { x: back.x + across.x, y: back.y + across.y };
  const right = { x: back.x - across.x, y: back.y - across.y };
  return `M${at(tip)}L${at(left)}L${at(right)}Z`;
}

/** The point at distance `length` from `from` on the way to `to`. */
function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return {
    x: from.x + ((to.x - from.x) / whole) * length,
    y: from.y + ((to.y - from.y) / whole) * length,
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** Rounded to tenths of a pixel, which keeps the text short. */
function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
