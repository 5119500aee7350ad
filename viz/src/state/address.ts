/** The complete view in the address, after the `#`. Back and Forward work, and a link shows the same arrow to other people. */
import type { FigureId, ViewState } from './contracts.js';

export const defaultView: ViewState = {
  tab: 'sessions',
  session: null,
  recording: null,
  coverage: null,
  learned: null,
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

const tabs: readonly ViewState['tab'][] = [
  'sessions',
  'figures',
  'simulator',
  'coverage',
  'learned',
];
const figureIds: readonly FigureId[] = ['1', '2a', '2b', '2c'];
const themes: readonly ViewState['theme'][] = ['auto', 'light', 'dark'];
/** Keys that have the same name in the address; each value is any text. */
const texts = ['filter', 'verdict', 'state', 'type', 'sort', 'find', 'seat'] as const;
/** Keys that may be absent (null). */
const names = ['session', 'recording', 'coverage', 'learned', 'foreign'] as const;

/** The view of an address. Missing and invalid values get their defaults. */
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
  // An address with a session stays at this session.
  view.follow = said.get('follow') === null ? view.session === null : said.get('follow') === '1';
  return view;
}

/** The address of a view. It contains only values that differ from the default. */
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

/** Whether a change of the view is a history entry that Back undoes. Other changes only update the address. */
export function isStep(before: ViewState, after: ViewState): boolean {
  if (after.follow) return before.tab !== after.tab;
  return (
    before.tab !== after.tab ||
    before.session !== after.session ||
    before.recording !== after.recording ||
    before.coverage !== after.coverage ||
    before.learned !== after.learned ||
    before.figure !== after.figure ||
    before.foreign !== after.foreign
  );
}

function among<Word extends string>(words: readonly Word[], word: string | null): Word | null {
  return words.find((candidate) => candidate === word) ?? null;
}

/** Removes the token of `?token=` or `#token=` from the address, so that links, history and screenshots do not contain it. */
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
