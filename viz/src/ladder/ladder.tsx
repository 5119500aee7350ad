import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { visible } from '../parts/visible.js';
import type { LadderProps } from '../state/contracts.js';
import { figureBeside } from './beside.js';
import { Heads } from './drawing.js';
import { type Match, matchesOf } from './find.js';
import { FindBar, nextMatch } from './find-bar.js';
import { moved } from './keys.js';
import { estimate, indexOf, jointOf, keyOf } from './places.js';
import { BesideLane, LadderGap, LadderStep } from './row.js';
import { ladderOf } from './rows.js';
import { Tail } from './tail.js';
import './ladder.css';

const headHeight = 40;

/** The session as a sequence diagram. It fills its container, which gives it a height. */
export function Ladder(props: LadderProps): ReactNode {
  // What is opened and where it is scrolled belongs to one session.
  return <LadderOfSession key={`${props.view.origin} ${props.view.summary.session}`} {...props} />;
}

function LadderOfSession(props: LadderProps): ReactNode {
  const { view, cursor, onCursor, selection, onSelectStep, find, figure } = props;
  const model = useMemo(() => ladderOf(view), [view]);
  const { rows, pairing } = model;
  const matches = useMemo(() => matchesOf(view.steps, find), [view.steps, find]);
  const hiddenMatches = useMemo(
    () => new Set(matches.filter(({ inSight }) => !inSight).map(({ seq }) => seq)),
    [matches],
  );
  const beside = useMemo(
    () => (figure === null ? null : figureBeside(figure, view.steps)),
    [figure, view.steps],
  );
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [hovered, setHovered] = useState<number | null>(null);
  const [lastAtFirst] = useState(() => view.steps.at(-1)?.seq ?? 0);

  const at = cursor ?? view.steps.at(-1)?.seq ?? null;
  const cursorIndex = useMemo(() => indexOf(rows, at), [rows, at]);
  const besideUntil = useMemo(
    () =>
      beside === null || beside.rest.length > 0
        ? rows.length
        : rows.findLastIndex((row) => row.type === 'step' && beside.bySeq.has(row.step.seq)),
    [beside, rows],
  );
  const lit = pairing.pairs.get(hovered ?? at ?? -1) ?? pairing.pairs.get(at ?? -1) ?? null;

  const scroll = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => keyOf(rows[index], index),
    overscan: 10,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    scrollPaddingEnd: 8,
    // The step at the cursor may have the focus: it must not vanish when it is scrolled away.
    rangeExtractor: (range) =>
      cursorIndex === -1
        ? defaultRangeExtractor(range)
        : [...new Set([...defaultRangeExtractor(range), cursorIndex])].sort((a, b) => a - b),
  });

  // The cursor is followed wherever it was moved from; the newest step only by who has not scrolled away from it.
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a step that arrives above the newest must not scroll.
  useEffect(() => {
    if (cursorIndex === -1 || (cursor === null && !atEnd.current)) return;
    virtualizer.scrollToIndex(cursorIndex, { align: cursor === null ? 'end' : 'auto' });
  }, [cursor, cursorIndex]);
  useEffect(() => {
    if (cursor === null) atEnd.current = true;
  }, [cursor]);

  const wantsFocus = useRef(false);
  useLayoutEffect(() => {
    if (!wantsFocus.current || at === null) return;
    const button = scroll.current?.querySelector<HTMLElement>(`[data-seq="${at}"]`);
    if (!button) return;
    wantsFocus.current = false;
    button.focus({ preventScroll: true });
  });

  const toggle = useCallback((seq: number) => {
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(seq)) after.add(seq);
      return after;
    });
  }, []);
  const onClick = useCallback(
    (seq: number) => {
      onCursor(seq);
      onSelectStep(seq);
      toggle(seq);
    },
    [onCursor, onSelectStep, toggle],
  );
  const onGo = (match: Match) => {
    onCursor(match.seq);
    if (!match.inSight && !opened.has(match.seq)) toggle(match.seq);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(event.target as Element).matches('.ladder-step')) return;
    const match = event.key === 'n' || event.key === 'N';
    const next = match && nextMatch(matches, at, event.key === 'n' ? 1 : -1);
    if (next) onGo(next);
    const to = match ? undefined : moved(event.key, view.steps, at);
    if (to === undefined && !next) return;
    event.preventDefault();
    wantsFocus.current = true;
    if (to !== undefined) onCursor(to);
  };

  if (view.steps.length === 0 && view.gaps.length === 0) {
    return <p className="ladder ladder-empty">Nothing has happened in this session yet.</p>;
  }
  return (
    <section
      className={`ladder ${beside ? 'with-figure' : ''}`}
      aria-label={`Ladder of session ${visible(view.summary.session)}`}
    >
      {beside && (
        <p className={`ladder-compared ${beside.tone}`} role="status">
          <strong>
            Figure {beside.figure}. {beside.title}
          </strong>{' '}
          <bdi>{visible(beside.sentence, 600)}</bdi>
        </p>
      )}
      {find.trim() !== '' && <FindBar find={find} matches={matches} at={at} onGo={onGo} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the steps inside. */}
      <div
        className="ladder-scroll"
        ref={scroll}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 48;
        }}
      >
        <div className="ladder-top" aria-hidden="true">
          <span className="ladder-time">time</span>
          <span className="ladder-since">step</span>
          <Heads />
          {beside ? (
            <Heads caption={`figure ${beside.figure}`} />
          ) : (
            <span className="ladder-state">state</span>
          )}
        </div>
        <ul className="ladder-rows" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index];
            if (!row) return null;
            const runs = beside === null ? undefined : index <= besideUntil ? 'runs' : null;
            return (
              <li
                key={key}
                data-index={index}
                ref={virtualizer.measureElement}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start - headHeight}px)` }}
              >
                {row.type === 'gap' ? (
                  <LadderGap row={row} beside={runs} />
                ) : (
                  <LadderStep
                    row={row}
                    pair={pairing.pairs.get(row.step.seq)}
                    joint={jointOf(row.step.seq, lit)}
                    find={find}
                    hidden={hiddenMatches.has(row.step.seq)}
                    atCursor={row.step.seq === at}
                    selected={selection.steps.has(row.step.seq)}
                    open={opened.has(row.step.seq)}
                    arriving={index === rows.length - 1 && row.step.seq > lastAtFirst}
                    beside={beside?.bySeq.get(row.step.seq) ?? runs}
                    onClick={onClick}
                    onHover={setHovered}
                  />
                )}
              </li>
            );
          })}
        </ul>
        {beside?.rest.map((arrow, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the figure's arrows never change their order.
          <div key={index} className="ladder-gap ladder-rest">
            <span className="ladder-time" />
            <span className="ladder-since" />
            {model.open && <span className="ladder-lane" />}
            <BesideLane beside={arrow} />
          </div>
        ))}
        {model.open && <Tail view={view} model={model} />}
      </div>
    </section>
  );
}
