/** The whole view in the address, after the `#`: back and forward work, and a link shows a colleague the same arrow. */
import type { FigureId, ViewState } from './contracts.js';

export const defaultView: ViewState = {
  tab: 'sessions',
  session: null,
  recording: null,
  coverage: null,
  inputs: null,
  seat: '',
  cursor: null,
  figure: null,
  filter: '',
  verdict: '',
  state: '',
  type: '',
  sort: '-start',
  find: '',
  follow: true,
  theme: 'auto',
  foreign: null,
};

const tabs: readonly ViewState['tab'][] = ['sessions', 'figures', 'simulator', 'coverage'];
const figureIds: readonly FigureId[] = ['1', '2a', '2b', '2c'];
const themes: readonly ViewState['theme'][] = ['auto', 'light', 'dark'];
/** The keys whose names in the address are their own, each any text. */
const texts = ['filter', 'verdict', 'state', 'type', 'sort', 'find', 'seat'] as const;
/** Those that may not be there at all. */
const names = ['session', 'recording', 'coverage', 'foreign'] as const;

/** The view an address stands for; what it does not say, or says wrongly, is as by default. */
export function viewFrom(hash: string): ViewState {
  const said = new URLSearchParams(hash.replace(/^#/, ''));
  const view: { -readonly [Key in keyof ViewState]: ViewState[Key] } = { ...defaultView };
  for (const key of texts) view[key] = said.get(key) ?? view[key];
  for (const key of names) view[key] = said.get(key);
  view.tab = among(tabs, said.get('tab')) ?? 'sessions';
  view.inputs = view.tab === 'simulator' ? said.get('inputs') : null;
  view.figure = among(figureIds, said.get('figure'));
  view.theme = among(themes, said.get('theme')) ?? 'auto';
  const step = Number(said.get('step') ?? '');
  view.cursor = Number.isSafeInteger(step) && step > 0 ? step : null;
  // Who names a session wants to stay there.
  view.follow = said.get('follow') === null ? view.session === null : said.get('follow') === '1';
  return view;
}

/** The address of a view: only what differs from the default, so that a bare page has a bare address. */
export function hashOf(view: ViewState): string {
  const said = new URLSearchParams();
  if (view.tab !== defaultView.tab) said.set('tab', view.tab);
  if (view.follow !== (view.session === null)) said.set('follow', view.follow ? '1' : '0');
  for (const key of [...names, ...texts]) {
    const value = view[key];
    if (value !== null && value !== defaultView[key]) said.set(key, value);
  }
  if (view.inputs !== null && view.tab === 'simulator') said.set('inputs', view.inputs);
  if (view.cursor !== null) said.set('step', String(view.cursor));
  if (view.figure !== null) said.set('figure', view.figure);
  if (view.theme !== defaultView.theme) said.set('theme', view.theme);
  const text = said.toString();
  return text === '' ? '' : `#${text}`;
}

/** Whether going from one view to the other is a step that Back undoes; the rest only keeps the address true. */
export function isStep(before: ViewState, after: ViewState): boolean {
  if (after.follow) return before.tab !== after.tab;
  return (
    before.tab !== after.tab ||
    before.session !== after.session ||
    before.recording !== after.recording ||
    before.coverage !== after.coverage ||
    before.figure !== after.figure ||
    before.foreign !== after.foreign
  );
}

function among<Word extends string>(words: readonly Word[], word: string | null): Word | null {
  return words.find((candidate) => candidate === word) ?? null;
}

/** Takes the token of `?token=` or `#token=` out of the address, so that it is in no link, history or screenshot. */
export function takeToken(): string | null {
  const url = new URL(location.href);
  const said = new URLSearchParams(url.hash.slice(1));
  const token = said.get('token') ?? url.searchParams.get('token');
  if (token === null) return null;
  url.searchParams.delete('token');
  if (said.has('token')) {
    said.delete('token');
    url.hash = said.toString();
  }
  history.replaceState(history.state, '', url);
  return token;
}
