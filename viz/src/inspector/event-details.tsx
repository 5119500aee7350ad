/** The event at the cursor: who sent what, and what followed. */
import { type ReactNode, useMemo } from 'react';
import type { LadderEvent } from '../../../machines/engine/inspection/ladder.js';
import type { StateValue } from '../../../machines/engine/inspection/messages.js';
import { localTime, utcTime } from '../parts/times.js';
import { visible } from '../parts/visible.js';
import { ContextDiff } from './context-diff.js';
import { JsonText } from './json-text.js';
import { eventData } from './model/context.js';
import { previousEvent } from './model/moment.js';
import { actorName, outside, stateText } from './model/names.js';
import { gapWords } from './model/words.js';
import type { ShownApp } from './use-shown.js';

interface EventDetailsProps {
  readonly shown: ShownApp;
  onActor(session: string): void;
}

export function EventDetails({ shown, onActor }: EventDetailsProps): ReactNode {
  const { moment } = shown;
  const { entry, cursor } = moment;
  const title = cursor === null ? 'Newest event' : `Event ${entry?.number ?? ''}`;
  return (
    <section className="inspector-event" aria-label="Event">
      <h2>{title}</h2>
      {entry === null && <p className="inspector-none">No events yet.</p>}
      {entry?.kind === 'gap' && <p className="inspector-none">{gapWords(entry)}</p>}
      {entry?.kind === 'event' && <EventParts shown={shown} event={entry} onActor={onActor} />}
    </section>
  );
}

function EventParts({
  shown,
  event,
  onActor,
}: EventDetailsProps & { readonly event: LadderEvent }): ReactNode {
  const { app, entries } = shown;
  const { type, source, target, at, outcome, message } = event;
  const previous = useMemo(() => previousEvent(entries, event), [entries, event]);
  const data = useMemo(() => eventData(event), [event]);
  return (
    <>
      <dl>
        <Row name="Type">{visible(type)}</Row>
        <Row name="From">
          {source === null ? outside : <ActorLink {...{ app, session: source, onActor }} />}
        </Row>
        <Row name="To">
          <ActorLink {...{ app, session: target, onActor }} />
        </Row>
        <Row name="At">
          <time title={utcTime(at)}>{localTime(at)}</time>
        </Row>
        {outcome === null ? (
          <Row name="Effect">The actor has not taken it, or ignored it.</Row>
        ) : (
          <>
            {outcome.state !== null && (
              <Row name="State">
                <StateChange before={previous?.outcome?.state ?? null} after={outcome.state} />
              </Row>
            )}
            {outcome.status !== 'active' && <Row name="Status">{visible(outcome.status, 40)}</Row>}
            <Row name="Transitions">
              <Transitions ids={outcome.transitions} guessed={outcome.guessed} />
            </Row>
          </>
        )}
      </dl>
      <h3>Data</h3>
      {message === null ? (
        <p className="inspector-hint">The event itself was not sent: only what followed.</p>
      ) : (
        <JsonText value={data} />
      )}
      {outcome && <ContextDiff event={event} previous={previous} />}
    </>
  );
}

function StateChange({
  before,
  after,
}: {
  readonly before: StateValue | null;
  readonly after: StateValue;
}): ReactNode {
  const [from, to] = [stateText(before), stateText(after)];
  if (from === to) return `${to}, unchanged`;
  return (
    <>
      {from !== '' && `${from} to `}
      <b>{to}</b>
    </>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ActorLink({
  app,
  session,
  onActor,
}: {
  readonly app: ShownApp['app'];
  readonly session: string;
  onActor(session: string): void;
}): ReactNode {
  return (
    <button type="button" className="plain" onClick={() => onActor(session)}>
      <bdi>{actorName(app, session)}</bdi>
    </button>
  );
}

function Transitions({
  ids,
  guessed,
}: {
  readonly ids: readonly string[] | null;
  readonly guessed: boolean;
}): ReactNode {
  if (ids === null) return 'not known';
  if (ids.length === 0) return 'none';
  return (
    <ul>
      {ids.map((id, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the transitions of an event do not change.
        <li key={index}>
          {visible(id)}{' '}
          <span className={guessed ? 'inspector-guess' : 'inspector-soft'}>
            ({guessed ? 'guessed' : 'certain'})
          </span>
        </li>
      ))}
    </ul>
  );
}
