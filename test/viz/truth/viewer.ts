/** A page that watches the gate, and its expected state. */
import type { BrowserContext, Page } from 'playwright-core';
import { expectedList, expectedSelection, type LastKnown } from './expected.js';
import { type Facts, type GateRun, nothingKnown } from './gate-run.js';
import { type Statement, statedBy } from './stated.js';
import { type Stated, setHidden, statedSince } from './watch.js';

const notReachable = 'the gate is not reachable';
const asksForToken = 'the gate asks for its token';
const startedAgain = 'the gate has restarted since';

export class Viewer {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** Whether it shows the newest session; otherwise it shows the chosen one. */
  follows = true;
  selected: string | null = null;
  /** Whether the gate requires another token than the page has. */
  isLocked = false;
  /** When it lost the gate; null while it is connected. */
  lostAt: number | null = null;
  /** The last facts about the gate that it received. */
  #facts: Facts = nothingKnown;
  /** Sessions of earlier gates, in their last known state. */
  readonly #lastKnown = new Map<string, LastKnown>();
  /** Sessions whose steps it has received since it was loaded. */
  readonly #seen = new Set<string>();

  constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
    this.context = page.context();
  }

  /** Chooses a session in the list. */
  async choose(session: string): Promise<void> {
    await this.page.locator(`.session-row[data-session="${session}"]`).click();
    this.follows = false;
    this.selected = session;
  }

  /** Presses "Retry now", if the page has not connected meanwhile. */
  tryNow(): Promise<void> {
    return this.page.evaluate(() => {
      for (const button of document.querySelectorAll('button')) {
        if (button.textContent === 'Retry now') button.click();
      }
    });
  }

  /** The gate is lost from now on. @param facts the last facts that the page received */
  lost(facts: Facts, at: number): void {
    if (this.lostAt !== null) return;
    this.lostAt = at;
    this.#facts = facts;
    for (const [session, summary] of facts.sessions) {
      this.#lastKnown.set(session, { summary, left: leftAt(facts, session, at), at });
    }
  }

  found(): void {
    this.lostAt = null;
  }

  /** The page was reloaded: it has only its address. */
  reloaded(): void {
    this.#seen.clear();
  }

  /** @param facts of the gate; while the gate is lost, the last received ones apply */
  async compared(facts: Facts, isStopping: boolean): Promise<[Statement, Statement]> {
    const known = this.lostAt === null ? facts : this.#facts;
    const stated = await statedBy(this.page);
    const now = this.lostAt ?? Date.now();
    const expected: Statement = {
      gate: this.lostAt !== null ? 'lost' : isStopping ? 'stopping' : 'live',
      ...expectedList(known, now, this.lostAt === null),
      selected: this.#expectedSelection(known, now),
    };
    return [stated, expected];
  }

  /** Checks that the page shows the expected state. */
  agreed({ selected }: Statement): void {
    if (selected !== null && typeof selected !== 'string') this.#seen.add(selected.session);
  }

  stated(): Promise<Stated[]> {
    return statedSince(this.page);
  }

  hide(hidden: boolean): Promise<void> {
    return setHidden(this.page, hidden);
  }

  #expectedSelection(facts: Facts, now: number): Statement['selected'] {
    if (this.follows) this.selected = newest(facts) ?? this.selected;
    const session = this.selected;
    if (session === null) return 'No client has connected';
    const summary = facts.sessions.get(session);
    if (summary) {
      const left = leftAt(facts, session, now);
      return expectedSelection(
        { summary, left, at: now },
        this.lostAt === null ? null : this.isLocked ? asksForToken : notReachable,
      );
    }
    const known = this.#lastKnown.get(session);
    if (known && this.#seen.has(session)) return expectedSelection(known, startedAgain);
    return `The gate does not know session ${session}`;
  }
}

function newest({ sessions }: Facts): string | null {
  return [...sessions.keys()].at(-1) ?? null;
}

function leftAt({ deadlines, at }: Facts, session: string, now: number): number | null {
  const left = deadlines.get(session);
  return left === undefined ? null : left - (now - at);
}

/**
 * The wrong statements of a page.
 * @param runs all gates so far
 * @param silence milliseconds after which a page must have noticed that its gate is gone
 */
export function wrongIn(
  stated: readonly Stated[],
  runs: readonly GateRun[],
  silence: number,
): string[] {
  const current = runs.at(-1);
  return stated.flatMap((one) => {
    const wrong: string[] = [];
    const runOf = (prefix: string) => runs.find((run) => run.prefix === prefix);
    const old = one.runs.filter((prefix) => runOf(prefix) !== current && runOf(prefix));
    const startedAt = current?.startedAt ?? 0;
    if (one.live && old.length > 0 && one.since > startedAt)
      wrong.push(`live, with sessions of a gate before: ${old}`);
    const liveRun = one.liveSession === null ? null : runOf(one.liveSession.replace(/\d+$/, ''));
    if (liveRun && liveRun !== current && one.live && one.since > startedAt)
      wrong.push(`session ${one.liveSession} of a gate before is live`);
    // A page that slept needs time, too.
    const limitFrom = (endedAt: number) =>
      silence + (one.since === one.from ? endedAt : Math.max(endedAt, one.from));
    if (liveRun && one.to > limitFrom(liveRun.endedAt))
      wrong.push(
        `session ${one.liveSession} is live ${one.to - liveRun.endedAt} ms after its gate`,
      );
    const lastEnd = current?.endedAt ?? Number.POSITIVE_INFINITY;
    if (one.live && one.to > limitFrom(lastEnd)) wrong.push('live without a gate');
    return wrong.map((words) => `${words} (${Math.round(one.to - one.from)} ms long)`);
  });
}
