/** The selected actor: its state, timers and context. */
import { type ReactNode, useMemo } from 'react';
import { visible } from '../parts/visible.js';
import { JsonText } from './json-text.js';
import { contextAt } from './model/context.js';
import type { ActorMoment, Cursor } from './model/moment.js';
import { actorName, stateText } from './model/names.js';
import { treeOf } from './use-chart.js';
import type { ShownApp } from './use-shown.js';
import { type TimerLeft, useTimers } from './use-timers.js';

export function ActorDetails({ shown }: { readonly shown: ShownApp }): ReactNode {
  const { actor } = shown;
  return actor === null ? null : <ActorParts shown={shown} moment={actor} />;
}

function ActorParts({
  shown,
  moment,
}: {
  readonly shown: ShownApp;
  readonly moment: ActorMoment;
}): ReactNode {
  const { app, entries, moment: now } = shown;
  const { actor, state, status, hasStarted } = moment;
  const { definition, parent, session } = actor;
  const timers = useTimers(moment, treeOf(definition), entries, now);
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['State', state === null ? '' : <b key="state">{stateText(state)}</b>],
    ['Status', hasStarted ? visible(status ?? 'dropped', 40) : 'starts later'],
    ['Session', visible(session, 60)],
    ['Machine', definition?.isMachine ? visible(definition.id ?? '', 80) : ''],
    ['Parent', parent === null ? '' : actorName(app, parent)],
    ['Timers', timers.length === 0 ? '' : <TimerList key="timers" timers={timers} />],
  ];
  return (
    <section className="inspector-actor-details" aria-label="Actor">
      <h2>
        <span>
          Actor <bdi>{actorName(app, session)}</bdi>
        </span>
      </h2>
      <dl>
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <Context moment={moment} cursor={now.cursor} />
    </section>
  );
}

function Context({
  moment,
  cursor,
}: {
  readonly moment: ActorMoment;
  readonly cursor: Cursor;
}): ReactNode {
  const message = moment.last?.outcome?.message ?? moment.actor.snapshot;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the context is that of this message
  const context = useMemo(() => contextAt(moment, cursor), [message, cursor, moment.hasStarted]);
  const hasContext = context.isHeld && Object.keys(Object(context.value)).length > 0;
  return (
    <>
      <h3>Context</h3>
      {!context.isHeld ? (
        <p className="inspector-hint">{context.why}</p>
      ) : hasContext || (context.value !== undefined && typeof context.value !== 'object') ? (
        <JsonText value={context.value} />
      ) : (
        <p className="inspector-hint">empty</p>
      )}
    </>
  );
}

function TimerList({ timers }: { readonly timers: readonly TimerLeft[] }): ReactNode {
  return (
    <ul>
      {timers.map((timer) => (
        <li key={`${timer.state} ${timer.name}`}>{timerWords(timer)}</li>
      ))}
    </ul>
  );
}

function timerWords({ name, total, left }: TimerLeft): string {
  if (total === null) return `${visible(name, 60)} (how long is not sent)`;
  const rest = left === null ? 'time left not known' : `${(left / 1_000).toFixed(1)} s left`;
  return `${total} ms, ${rest}`;
}
