/** Pan and zoom by pointer, wheel, pinch and keyboard. */
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Box, Point, Size } from '../../layout/measure.js';
import { fitted, moved, readable, revealing, type View, zoomed } from './view.js';

/** Maximum movement of the pointer that still counts as a click, in pixels. */
const clickSlack = 4;
const buttonStep = 1.25;
const keyStep = 40;

/** Each arrow key shows more of the side that it points to. */
const steps: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: keyStep, y: 0 },
  ArrowRight: { x: -keyStep, y: 0 },
  ArrowUp: { x: 0, y: keyStep },
  ArrowDown: { x: 0, y: -keyStep },
};

const factors: Readonly<Record<string, number>> = {
  '+': buttonStep,
  '=': buttonStep,
  '-': 1 / buttonStep,
};

/** `readable` and `all` follow the size of the pane; `free` is set by the user. */
type Mode = 'readable' | 'all' | 'free';

export interface ViewControls {
  readonly view: View;
  readonly dragging: boolean;
  /** Whether the user chose the whole drawing. */
  readonly showsAll: boolean;
  /** Switches between the whole drawing and a readable size. */
  toggleAll(): void;
  zoomIn(): void;
  zoomOut(): void;
  reveal(box: Box): void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** For the canvas. */
  readonly pointer: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: (event: PointerEvent) => void;
  };
}

/**
 * @param focus boxes to keep in view when only a part of the drawing fits. Pass the same array from render to render.
 * @param wheelNeedsKey whether the wheel zooms only together with Ctrl or Cmd
 */
export function useView(
  pane: RefObject<HTMLElement | null>,
  drawing: Size,
  focus: readonly Box[],
  wheelNeedsKey: boolean,
): ViewControls {
  const [view, setView] = useState<View>({ x: 0, y: 0, k: 1 });
  const [mode, setMode] = useState<Mode>('readable');
  const [dragging, setDragging] = useState(false);
  const size = useRef<Size>({ width: 0, height: 0 });
  const pointers = useRef(new Map<number, Point>());
  const start = useRef<Point | null>(null);

  const place = useCallback(() => {
    if (mode === 'all') setView(fitted(drawing, size.current));
    if (mode === 'readable') setView((now) => readable(now, drawing, size.current, focus));
  }, [drawing, mode, focus]);

  const change = useCallback((next: (view: View) => View) => {
    setMode('free');
    setView(next);
  }, []);

  useLayoutEffect(() => {
    const element = pane.current;
    if (!element) return;
    const measure = () => {
      size.current = { width: element.clientWidth, height: element.clientHeight };
      place();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [pane, place]);

  useEffect(() => {
    const element = pane.current;
    if (!element) return;
    // React's wheel listener is passive and cannot stop the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      if (wheelNeedsKey && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      // A pinch on a touchpad arrives as a wheel event with Ctrl, in smaller steps.
      const speed = event.ctrlKey ? 0.01 : 0.0015;
      const at = within(element, event);
      change((now) => zoomed(now, Math.exp(-event.deltaY * lines * speed), at));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [pane, change, wheelNeedsKey]);

  const zoomBy = (factor: number) => {
    const middle = { x: size.current.width / 2, y: size.current.height / 2 };
    change((now) => zoomed(now, factor, middle));
  };

  const onPointerMove = (event: PointerEvent) => {
    const element = pane.current;
    const before = pointers.current.get(event.pointerId);
    if (!element || !before) return;
    const now = within(element, event);
    const others = [...pointers.current].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    if (!other && !dragging) {
      if (start.current && distance(start.current, now) < clickSlack) return;
      // From here on it is a drag: the canvas captures the pointer.
      event.currentTarget.setPointerCapture(event.pointerId);
      setDragging(true);
    }
    pointers.current.set(event.pointerId, now);
    if (!other) {
      change((seen) => moved(seen, now.x - before.x, now.y - before.y));
      return;
    }
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    const factor = distance(now, other) / (distance(before, other) || 1);
    const [dx, dy] = [(now.x - before.x) / 2, (now.y - before.y) / 2];
    change((seen) => moved(zoomed(seen, factor, middle), dx, dy));
  };

  const release = (event: PointerEvent) => {
    pointers.current.delete(event.pointerId);
    if (pointers.current.size === 0) setDragging(false);
  };

  const toggleAll = () => setMode(mode === 'all' ? 'readable' : 'all');

  return {
    view,
    dragging,
    showsAll: mode === 'all',
    toggleAll,
    zoomIn: () => zoomBy(buttonStep),
    zoomOut: () => zoomBy(1 / buttonStep),
    reveal: (box) => setView((now) => revealing(now, box, size.current)),
    onKeyDown(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = steps[event.key];
      const factor = factors[event.key];
      if (step) change((now) => moved(now, step.x, step.y));
      else if (factor) zoomBy(factor);
      else if (event.key === '0') toggleAll();
      else return;
      event.preventDefault();
    },
    pointer: {
      onPointerDown(event) {
        if (event.button !== 0 || !pane.current) return;
        start.current = within(pane.current, event);
        pointers.current.set(event.pointerId, start.current);
      },
      onPointerMove,
      onPointerUp: release,
      onPointerCancel: release,
    },
  };
}

function within(element: HTMLElement, event: { clientX: number; clientY: number }): Point {
  const { left, top } = element.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}
