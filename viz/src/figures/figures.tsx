import { type ReactNode, useEffect, useState } from 'react';
import { type Figure, figureSource, figures, findFigure, pathOf } from '../../../machines/index.js';
import type { FiguresProps } from '../state/contracts.js';
import { FigureCard } from './figure-card.js';
import { playLive, playOnChart } from './players.js';
import { rememberClient, rememberedClient } from './remembered-client.js';
import { firstSettings, type Settings, SettingsBar } from './settings.js';
import { usePlays } from './use-plays.js';
import './figures.css';

/** The four documented figures as drawings that play, in the page or against the running gate. */
export function Figures(props: FiguresProps): ReactNode {
  const { selected, onSelect, gate, delays, onShow, onPath } = props;
  const [own, setOwn] = useState<Partial<Settings>>(() => ({
    clients: { ...firstSettings.clients, valid: rememberedClient() },
  }));
  const settings: Settings = {
    ...firstSettings,
    address: gate ?? `ws://${location.hostname || '127.0.0.1'}:7005`,
    ...own,
  };
  const { plays, play, stop } = usePlays(onShow);

  useEffect(() => {
    onPath(selected === null ? null : pathOf(findFigure(selected)));
  }, [selected, onPath]);
  useEffect(() => () => onPath(null), [onPath]);

  const onPlay = (figure: Figure) => {
    onSelect(figure.id);
    return play(figure, (signal, progress) =>
      playOnChart(figure, settings.speed, signal, progress),
    );
  };
  const onPlayLive = (figure: Figure) => {
    onSelect(figure.id);
    // Deadlines that the feed told are those of its own gate, and of no other server.
    const known = settings.address === gate ? delays : null;
    const { address, thorough, clients } = settings;
    const options = { address, thorough, delays: known, ...clients };
    return play(figure, (signal, progress) => playLive(figure, options, signal, progress));
  };

  return (
    <section className="figures-part" aria-label="The documented figures">
      <h2 className="visually-hidden">The documented figures</h2>
      <SettingsBar
        settings={settings}
        timed={delays !== null && settings.address === gate}
        onChange={({ address, ...changed }) => {
          rememberClient(changed.clients.valid);
          setOwn({
            ...changed,
            ...((own.address !== undefined || address !== settings.address) && { address }),
          });
        }}
      />
      <div className="figures-cards">
        {figures.map((figure) => (
          <FigureCard
            key={figure.id}
            figure={figure}
            selected={figure.id === selected}
            play={plays.get(figure.id)}
            onSelect={() => onSelect(figure.id)}
            onPlay={() => void onPlay(figure)}
            onPlayLive={() => void onPlayLive(figure)}
            onStop={stop}
          />
        ))}
      </div>
      <p className="figures-source">Source: {figureSource}</p>
    </section>
  );
}
