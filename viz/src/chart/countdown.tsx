/** A ring around a state that shrinks until the deadline, and the time left. */
import { type ReactNode, useEffect, useState } from 'react';
import type { PlacedState } from '../../layout/chart-layout.js';
import { type Countdown, timeLeft } from './marks.js';

/** When less than this fraction is left, the ring has the warning colour. */
const urgent = 0.2;

/** The ring at one moment, without a timer. */
export function CountdownRing({
  state,
  left,
  total,
}: {
  readonly state: PlacedState;
  readonly left: number;
  readonly total: number;
}): ReactNode {
  const part = Math.min(1, Math.max(0, left / total));
  const ring = ringPath(state);
  return (
    <g className={`chart-countdown${part < urgent ? ' urgent' : ''}`} data-part={part.toFixed(3)}>
      <path className="chart-ring-track" d={ring} />
      {part > 0 && (
        <path className="chart-ring" d={ring} pathLength={1} strokeDasharray={`${part} 2`} />
      )}
      <text
        className="chart-left"
        x={state.x + state.width / 2}
        y={state.y + 37}
        textAnchor="middle"
      >
        {`${timeLeft(left)} left`}
      </text>
    </g>
  );
}

/** The ring with a timer that counts down from `left`. */
export function RunningCountdown({
  state,
  countdown,
}: {
  readonly state: PlacedState;
  readonly countdown: Countdown;
}): ReactNode {
  const { left, total, running } = countdown;
  const now = useTimeLeft(left, running);
  return <CountdownRing state={state} left={now} total={total} />;
}

/** Milliseconds left now. With reduced motion it changes once a second. */
function useTimeLeft(left: number, running: boolean): number {
  const [now, setNow] = useState(left);
  useEffect(() => {
    setNow(left);
    if (!running) return;
    const calm = matchMedia('(prefers-reduced-motion: reduce)');
    const since = performance.now();
    let frame = 0;
    const tick = () => {
      const rest = Math.max(0, left - (performance.now() - since));
      setNow(calm.matches ? Math.ceil(rest / 1_000) * 1_000 : rest);
      if (rest > 0) frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [left, running]);
  return now;
}

/** A path around the box, clockwise from the middle of the top edge. The ring shrinks from its end. */
function ringPath({ x, y, width, height }: PlacedState): string {
  const gap = 4;
  const r = 9;
  const [left, top, right, bottom] = [x - gap, y - gap, x + width + gap, y + height + gap];
  return [
    `M${x + width / 2},${top}H${right - r}A${r},${r} 0 0 1 ${right},${top + r}`,
    `V${bottom - r}A${r},${r} 0 0 1 ${right - r},${bottom}`,
    `H${left + r}A${r},${r} 0 0 1 ${left},${bottom - r}`,
    `V${top + r}A${r},${r} 0 0 1 ${left + r},${top}Z`,
  ].join('');
}
