import type { KeyboardEvent, ReactNode } from 'react';
import { innermostText, valueText } from '../chart/state-value.js';
import { visible } from '../parts/visible.js';
import type { ForeignService } from './services.js';

export interface ServiceListProps {
  readonly services: readonly ForeignService[];
  readonly selected: string | null;
  onSelect(sessionId: string): void;
}

/** The services, newest first. Arrow keys move up and down. */
export function ServiceList({ services, selected, onSelect }: ServiceListProps): ReactNode {
  const newestFirst = services.toReversed();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = newestFirst.findIndex(({ sessionId }) => sessionId === selected);
    const next = newestFirst[Math.min(Math.max(at + step, 0), newestFirst.length - 1)];
    if (!next) return;
    onSelect(next.sessionId);
    const rows = event.currentTarget.querySelectorAll<HTMLElement>('[role="option"]');
    rows[newestFirst.indexOf(next)]?.focus();
  };
  return (
    <aside className="foreign-list" aria-label="Services">
      <h2>Services</h2>
      {services.length === 0 && <p className="foreign-none">No services yet.</p>}
      <div role="listbox" aria-label="Services" onKeyDown={onKeyDown} tabIndex={-1}>
        {newestFirst.map(({ sessionId, name, value, stopped, count }) => (
          <div
            key={sessionId}
            role="option"
            className="foreign-service"
            aria-selected={sessionId === selected}
            tabIndex={sessionId === selected ? 0 : -1}
            onClick={() => onSelect(sessionId)}
            onKeyDown={({ key }) => {
              if (key === 'Enter' || key === ' ') onSelect(sessionId);
            }}
          >
            <span className={`dot ${stopped ? '' : 'ok'}`} aria-hidden="true" />
            <span className="foreign-name" title={visible(`${name} (${sessionId})`)}>
              {visible(name)}
            </span>
            <span className="foreign-count">{count}</span>
            <span className="foreign-value" title={valueText(value)}>
              {stopped ? `stopped in ${innermostText(value)}` : innermostText(value)}
            </span>
          </div>
        ))}
      </div>
    </aside>
  );
}
