/**
 * Lines about inspected apps: those of a recording (`ixgate inspector --record`) and of the inspector's feed for its page. Each is one JSON
 * object with the time `at` (wall clock, milliseconds since 1970).
 */
import { InspectedApp } from './app.js';
import { type HeldLimits, heldLimits } from './limits.js';

/** An app begins or ends its connection. */
export function connectionLine(app: string, at: number, connected: boolean, name: string): string {
  return JSON.stringify({ app, at, connected, name });
}

/** A message of an app. @param text JSON without line ends */
export function messageLine(app: string, at: number, text: string): string {
  return `{"app":${JSON.stringify(app)},"at":${at},"message":${text}}`;
}

/** Messages of an app are missing. A recording has such lines without `app`, too, where the disk did not keep up. */
export function gapLine(app: string, at: number, gap: number): string {
  return JSON.stringify({ app, at, gap });
}

/** The inspector dropped older events of an app. Comes before its first event, in a feed only. */
export function forgottenLine(app: string, at: number, forgotten: number): string {
  return JSON.stringify({ app, at, forgotten });
}

/** The inspector dropped an app that has ended. In a feed only. */
export function removedLine(app: string, at: number): string {
  return JSON.stringify({ app, at, removed: true });
}

/** What an inspector holds of an app, as lines: its actors, and the events of its ladder. */
export function* linesOf(app: InspectedApp): Generator<string> {
  const { id, connectedAt, endedAt, name, ladder } = app;
  yield connectionLine(id, connectedAt, true, name);
  if (ladder.forgotten > 0) yield forgottenLine(id, connectedAt, ladder.forgotten);
  for (const actor of app.actors()) {
    yield messageLine(id, connectedAt, actor.definedText(app.version, ladder.forgotten));
  }
  for (const entry of ladder.entries()) {
    if (entry.kind === 'gap') {
      // It connected again.
      yield entry.missing === null
        ? connectionLine(id, entry.at, true, name)
        : gapLine(id, entry.at, entry.missing);
      continue;
    }
    if (entry.message !== null) yield messageLine(id, entry.at, entry.message);
    if (entry.outcome !== null) yield messageLine(id, entry.at, entry.outcome.message);
  }
  if (endedAt !== null) yield connectionLine(id, endedAt, false, name);
}

/** Apps as lines tell them. */
export class ToldApps {
  readonly #limits: HeldLimits;
  readonly #apps = new Map<string, InspectedApp>();

  /** @param limits what is held: of the ended apps, the oldest makes room for a new one */
  constructor(limits: HeldLimits = heldLimits) {
    this.#limits = limits;
  }

  /** In the order of their first lines. */
  apps(): InspectedApp[] {
    return [...this.#apps.values()];
  }

  app(id: string): InspectedApp | undefined {
    return this.#apps.get(id);
  }

  /**
   * Takes a line. Never throws.
   * @returns false when it is not one of these lines
   */
  take(line: string): boolean {
    const message = messageStart.exec(line);
    if (message && line.endsWith('}')) {
      const [start, id = '', at = ''] = message;
      const text = line.slice(start.length, -1);
      return this.#appOf(nameOf(id), null, Number(at)).take(text, Number(at));
    }
    const value = parsed(line);
    if (value === null || typeof value.at !== 'number') return false;
    return this.#note(value, value.at);
  }

  #note({ app, connected, name, gap, forgotten, removed, message }: Line, at: number): boolean {
    if (isCount(gap)) {
      const apps = typeof app === 'string' ? [this.#appOf(app, null, at)] : this.apps();
      for (const one of apps) one.missing(gap, at);
      return true;
    }
    if (typeof app !== 'string') return false;
    if (typeof connected === 'boolean') this.#connection(app, connected, name, at);
    else if (removed === true) this.#apps.delete(app);
    else if (isCount(forgotten)) this.#appOf(app, null, at).ladder.skip(forgotten);
    else if (message !== undefined)
      return this.#appOf(app, null, at).take(JSON.stringify(message), at);
    else return false;
    return true;
  }

  #connection(id: string, connected: boolean, name: unknown, at: number): void {
    const known = this.#apps.get(id);
    // The name is the id of an app that gave none, until it has an actor.
    const given = typeof name === 'string' && name !== id ? name : null;
    const app = known ?? this.#appOf(id, given, at);
    if (!connected) app.endedAt = at;
    else if (known) known.connectedAgain(at);
  }

  #appOf(id: string, name: string | null, at: number): InspectedApp {
    let app = this.#apps.get(id);
    if (!app) {
      const ended = this.apps().find(({ endedAt }) => endedAt !== null);
      if (ended && this.#apps.size >= this.#limits.apps) this.#apps.delete(ended.id);
      app = new InspectedApp(id, { name, key: null, at }, this.#limits);
      this.#apps.set(id, app);
    }
    return app;
  }
}

type Line = Readonly<Record<string, unknown>>;

/** The start of a line with a message as `messageLine` writes it, so that the message is parsed once. */
const messageStart = /^\{"app":("(?:[^"\\]|\\.)*"),"at":(\d{1,16}),"message":/;

function nameOf(json: string): string {
  try {
    return JSON.parse(json) as string;
  } catch {
    return json;
  }
}

function parsed(line: string): Line | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Line) : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
