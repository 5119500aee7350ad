/** The statements of the page, read from its texts and its drawing as a person would; its store is not used. */
import type { Page } from 'playwright-core';

export interface StatedRow {
  readonly name: string;
  readonly verdict: string;
  readonly state: string;
  /** Time of day at which it started. */
  readonly started: string;
  /** Milliseconds. */
  readonly lasted: number;
}

export interface StatedSelection {
  readonly session: string;
  /** Verdict as a sentence. */
  readonly verdict: string;
  /** The last known value, if the page does not follow the session any more. */
  readonly lastKnown: { readonly at: string; readonly why: string } | null;
  /** `live`, `last known` or `ended`, with the number of steps. */
  readonly position: string;
  /** Innermost active states on the chart. */
  readonly states: readonly string[];
  /** Milliseconds left, as drawn on the chart. */
  readonly left: number | null;
}

export interface Statement {
  /** `live`, `stopping` or `lost`, or else the header's text. */
  readonly gate: string;
  /** Since when it is lost: time of day. */
  readonly since: string | null;
  /** Connections since the start of the gate; null while it is not live. */
  readonly connections: number | null;
  readonly count: number;
  /** Numbers on the buttons for verdicts and states. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, StatedRow>>;
  /** A text: why no session is shown. */
  readonly selected: StatedSelection | string | null;
}

export function statedBy(page: Page): Promise<Statement> {
  return page.evaluate(() => {
    const text = (selector: string, within: ParentNode = document) =>
      within.querySelector(selector)?.textContent?.trim() ?? '';
    const number = (words: string) => Number(words.replaceAll(',', ''));
    const units: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };
    const milliseconds = (words: string) =>
      [...words.matchAll(/([\d.]+) (ms|s|min|h)\b/g)].reduce(
        (sum, [, value, unit]) => sum + Number(value) * (units[unit ?? ''] ?? Number.NaN),
        0,
      );
    const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];

    const header = text('.connection');
    const [, connections] = /· ([\d,]+) connections?/.exec(header) ?? [];
    const [, since = null] = / (?:since|lost at) (\d\d:\d\d:\d\d);/.exec(header) ?? [];
    const gate = /^live from .*shutting down/.test(header)
      ? 'stopping'
      : header.startsWith('live from ')
        ? 'live'
        : /retrying|asks for its token/.test(header)
          ? 'lost'
          : header;

    const rows: Record<string, StatedRow> = {};
    for (const row of all('.session-row')) {
      const [started = '', lasted = ''] = text('.session-times', row).split(' · ');
      rows[row.dataset.session ?? ''] = {
        name: text('.session-name', row),
        verdict: text('.session-verdict', row),
        state: text('.session-facts', row).split(' · ')[1] ?? '',
        started,
        lasted: milliseconds(lasted),
      };
    }
    const counts: Record<string, number> = {};
    for (const chip of all('.chips .chip')) {
      const count = text('b', chip);
      const group = chip.closest('fieldset')?.getAttribute('aria-label');
      counts[`${group}: ${chip.textContent?.slice(0, -count.length).trim()}`] = number(count);
    }

    const ladder = document.querySelector('section.ladder')?.getAttribute('aria-label') ?? '';
    const [, session] = /^Ladder of session (.+)$/.exec(ladder) ?? [];
    const sentence = text('.verdict > .tone');
    const known = / \(as last known at (\d\d:\d\d:\d\d); (.*)\)$/.exec(sentence);
    const states = all('.chart-state.leaf[data-active="true"]').map((state) =>
      (state.dataset.state ?? '').split('.').pop(),
    );
    const left = text('.chart-countdown .chart-left');
    const [, minutes, seconds] = /^(\d+):(\d\d) min left$/.exec(left) ?? [];
    const selected =
      session === undefined
        ? text('.welcome h2')
        : {
            session,
            verdict: known ? sentence.slice(0, known.index) : sentence,
            lastKnown: known && { at: known[1] ?? '', why: known[2] ?? '' },
            position: text('.position'),
            states: states.map(String).sort(),
            left: minutes === undefined ? null : Number(minutes) * 60_000 + Number(seconds) * 1_000,
          };
    return {
      gate,
      since,
      connections: connections === undefined ? null : number(connections),
      count: number(/([\d,]+) sessions?$/.exec(text('.list-line [role=status]'))?.[1] ?? ''),
      counts,
      rows,
      selected,
    };
  });
}
