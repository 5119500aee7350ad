import { clientTypes, configurations, verdicts } from '../../../machines/index.js';
import { Icon } from '../parts/icon.js';
import { counted } from '../parts/times.js';
import { type Tone, toneOf, wordsFor } from '../parts/verdict-words.js';
import { visible } from '../parts/visible.js';
import type { ViewState } from '../state/contracts.js';
import { type Listing, type SortKey, sortOf, sorts } from '../state/session-index.js';

interface SessionFiltersProps {
  readonly view: ViewState;
  readonly listing: Listing;
  onChange(changes: Partial<ViewState>): void;
}

/** What narrows and orders the list: text, type, order, and counts that are buttons. */
export function SessionFilters({ view, listing, onChange }: SessionFiltersProps) {
  const { key, descending } = sortOf(view.sort);
  return (
    <div className="session-filters">
      <input
        type="search"
        aria-label="Find a session by name, id, type, state, verdict or error text"
        placeholder="Name, type, verdict, error ..."
        value={view.filter}
        onChange={(event) => onChange({ filter: event.target.value })}
      />
      <div className="filter-line">
        <select
          aria-label="Client type"
          value={view.type}
          onChange={(event) => onChange({ type: event.target.value })}
        >
          <option value="">every type</option>
          {typesOf(listing, view.type).map((type) => (
            <option key={type} value={type}>
              {visible(type, 80)} ({counted(listing.byType.get(type) ?? 0)})
            </option>
          ))}
        </select>
        <select
          aria-label="Order"
          value={key}
          onChange={(event) => onChange({ sort: `${descending ? '-' : ''}${event.target.value}` })}
        >
          {(Object.keys(sorts) as SortKey[]).map((sort) => (
            <option key={sort} value={sort}>
              by {sorts[sort]}
            </option>
          ))}
        </select>
        <button
          type="button"
          aria-label={
            descending ? 'Descending; change to ascending' : 'Ascending; change to descending'
          }
          onClick={() => onChange({ sort: `${descending ? '' : '-'}${key}` })}
        >
          <Icon name={descending ? 'descending' : 'ascending'} />
        </button>
      </div>
      <fieldset className="chips" aria-label="Verdict">
        {Object.keys(verdicts).map((verdict) => (
          <Chip
            key={verdict}
            words={wordsFor(verdict)}
            tone={toneOf(verdict as keyof typeof verdicts)}
            count={listing.byVerdict.get(verdict as keyof typeof verdicts) ?? 0}
            pressed={view.verdict === verdict}
            onPress={(pressed) => onChange({ verdict: pressed ? verdict : '' })}
          />
        ))}
      </fieldset>
      <fieldset className="chips" aria-label="State">
        {configurations.map((state) => (
          <Chip
            key={state}
            words={state}
            tone="plain"
            count={listing.byState.get(state) ?? 0}
            pressed={view.state === state}
            onPress={(pressed) => onChange({ state: pressed ? state : '' })}
          />
        ))}
      </fieldset>
    </div>
  );
}

interface ChipProps {
  readonly words: string;
  readonly tone: Tone;
  readonly count: number;
  readonly pressed: boolean;
  onPress(pressed: boolean): void;
}

/** A count that filters. One that would leave nothing is not shown. */
function Chip({ words, tone, count, pressed, onPress }: ChipProps) {
  if (count === 0 && !pressed) return null;
  return (
    <button
      type="button"
      className={`chip tone ${tone}`}
      aria-pressed={pressed}
      onClick={() => onPress(!pressed)}
    >
      {words} <b>{counted(count)}</b>
    </button>
  );
}

/** The types that are there, the known ones first; a client may name any. */
function typesOf({ byType }: Listing, chosen: string): string[] {
  const known: readonly string[] = clientTypes;
  const others = [...byType.keys()].filter((type) => !known.includes(type)).sort();
  const there = [...known, ...others].filter((type) => byType.has(type) || type === chosen);
  return chosen === '' || there.includes(chosen) ? there : [...there, chosen];
}
