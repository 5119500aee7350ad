import type { ReactNode } from 'react';
import { clientTypes, type FigureClients, figureClients } from '../../../machines/index.js';
import { type Speed, speeds } from './players.js';

export interface Settings {
  readonly speed: Speed;
  readonly address: string;
  readonly thorough: boolean;
  readonly clients: FigureClients;
}

export const firstSettings: Omit<Settings, 'address'> = {
  speed: 4,
  thorough: false,
  clients: figureClients,
};

/** Id of the field for the name of the valid client. */
export const clientNameField = 'figures-client-name';

interface SettingsBarProps {
  readonly settings: Settings;
  /** Whether the server's deadlines are known. */
  readonly timed: boolean;
  onChange(settings: Settings): void;
}

/** Settings for playing figures: the speed in the page, the server, and its clients. */
export function SettingsBar({ settings, timed, onChange }: SettingsBarProps): ReactNode {
  const { speed, address, thorough, clients } = settings;
  const set = (changes: Partial<Settings>) => onChange({ ...settings, ...changes });
  const named = (which: keyof FigureClients, changes: object) =>
    set({ clients: { ...clients, [which]: { ...clients[which], ...changes } } });
  return (
    <div className="figures-settings">
      <fieldset className="figures-speed">
        <legend>Speed in the page</legend>
        {speeds.map((value) => (
          <label key={value}>
            <input
              type="radio"
              name="figures-speed"
              checked={speed === value}
              onChange={() => set({ speed: value })}
            />
            <span>{value === Number.POSITIVE_INFINITY ? 'instant' : `${value}×`}</span>
          </label>
        ))}
      </fieldset>
      <label className="figures-address">
        <span>WebSocket of the gate</span>
        <input
          type="text"
          inputMode="url"
          spellCheck={false}
          value={address}
          onChange={({ target }) => set({ address: target.value })}
        />
      </label>
      <label className="figures-client">
        <span>Name of a valid client</span>
        <input
          type="text"
          id={clientNameField}
          spellCheck={false}
          value={clients.valid.clientName}
          onChange={({ target }) => named('valid', { clientName: target.value })}
        />
      </label>
      <details>
        <summary>Clients</summary>
        <div className="figures-clients">
          <label>
            <span>Type of the valid client</span>
            <select
              value={clients.valid.clientType}
              onChange={({ target }) => named('valid', { clientType: target.value })}
            >
              {clientTypes.map((type) => (
                <option key={type}>{type}</option>
              ))}
            </select>
          </label>
          <label>
            <span>Name of an invalid client</span>
            <input
              type="text"
              spellCheck={false}
              placeholder="(none)"
              value={clients.invalid.clientName}
              onChange={({ target }) => named('invalid', { clientName: target.value })}
            />
          </label>
          {timed && (
            <label className="figures-check">
              <input
                type="checkbox"
                checked={thorough}
                onChange={({ target }) => set({ thorough: target.checked })}
              />
              <span>Watch a registered client past the registration deadline</span>
            </label>
          )}
        </div>
      </details>
    </div>
  );
}
