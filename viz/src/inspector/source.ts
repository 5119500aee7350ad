/** Where the page's apps come from: the inspector's feed, or an open file. */
import { heldLimits } from '../../../machines/engine/inspection/limits.js';
import { Feed } from './feed.js';
import { LineReader } from './model/line-reader.js';
import { recordingLines } from './recording-lines.js';

/** Milliseconds of reading before the page does something else. */
const longestSlice = 8;
/** Characters that wait to be read; beyond it the page reads what is held again. */
const mostWaiting = 67_108_864;
/** Characters from which the page is behind, and milliseconds between two frames then: reading comes first. */
const behind = 100_000;
const slowFrame = 150;
/** A file may have more apps than an inspector holds. */
const fileLimits = { ...heldLimits, apps: 1_000 };

export type SourceStatus =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `why` is null when the inspector gave no reason. */
  | { readonly kind: 'lost'; readonly why: string | null; readonly wasOpen: boolean }
  | { readonly kind: 'reading'; readonly file: string }
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly lines: number;
      readonly unread: number;
    };

export class Source {
  status: SourceStatus = { kind: 'connecting' };
  /** A file that could not be opened, in words; null without one. */
  problem: string | null = null;
  #reader = new LineReader();
  /** Of a new connection: it replaces what is shown when its first lines arrive. */
  #next: LineReader | null = null;
  #feed: Feed | null = null;
  readonly #url: string;
  #wasOpen = false;
  /** Increases with each opened file, so that only the newest is read. */
  #opened = 0;
  #version = 0;
  #isPlanned = false;
  #shownAt = 0;
  readonly #listeners = new Set<() => void>();
  readonly #slices = new MessageChannel();
  #isReading = false;

  /** @param url address of the feed */
  constructor(url: string) {
    this.#url = url;
    this.#slices.port1.onmessage = () => this.#read();
    this.#connect();
  }

  get apps() {
    return this.#reader.apps;
  }

  /** For `useSyncExternalStore`: increases when there is something new, at most once a frame. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows a recording instead of the feed. */
  async openFile(file: File): Promise<void> {
    this.#opened += 1;
    const opened = this.#opened;
    const before = { reader: this.#reader, status: this.status };
    const wasLive = this.#feed !== null;
    this.#feed?.close();
    this.#feed = null;
    this.problem = null;
    const reader = new LineReader(fileLimits);
    this.#show(reader, { kind: 'reading', file: file.name });
    let failure: string | null = null;
    try {
      for await (const text of recordingLines(file)) {
        reader.add(text);
        while (!reader.read(performance.now() + longestSlice)) await this.#pause();
        await this.#pause();
        if (opened !== this.#opened) return;
      }
    } catch (error) {
      failure = (error as Error).message;
    }
    if (opened !== this.#opened) return;
    const { lines, unread } = reader.counts;
    if (failure === null && lines > unread) {
      this.#show(reader, { kind: 'file', file: file.name, lines, unread });
      return;
    }
    this.problem = problemOf(file.name, lines, failure);
    if (wasLive) this.backToLive();
    else this.#show(before.reader, before.status);
  }

  /** Closes the file, and connects. */
  backToLive(): void {
    this.#opened += 1;
    this.#feed?.close();
    this.#wasOpen = false;
    this.#show(new LineReader(), { kind: 'connecting' });
    this.#connect();
  }

  dismissProblem(): void {
    this.problem = null;
    this.#changed();
  }

  #show(reader: LineReader, status: SourceStatus): void {
    this.#reader = reader;
    this.#next = null;
    this.status = status;
    this.#changed();
  }

  #connect(): void {
    this.#feed = new Feed(this.#url, {
      opened: () => {
        this.#wasOpen = true;
        this.#next = new LineReader();
        this.status = { kind: 'live' };
        this.#changed();
      },
      lines: (text) => this.#add(text),
      lost: (why) => {
        this.status = { kind: 'lost', why, wasOpen: this.#wasOpen };
        this.#changed();
      },
    });
  }

  #add(text: string): void {
    if (this.#next !== null) {
      this.#reader = this.#next;
      this.#next = null;
    }
    this.#reader.add(text);
    if (this.#reader.waiting > mostWaiting) this.#feed?.restart();
    if (this.#isReading) return;
    this.#isReading = true;
    this.#slices.port2.postMessage(null);
  }

  #read(): void {
    const isDone = this.#reader.read(performance.now() + longestSlice);
    this.#isReading = !isDone;
    if (!isDone) this.#slices.port2.postMessage(null);
    this.#changed();
  }

  #pause(): Promise<void> {
    this.#changed();
    return new Promise((resolve) => setTimeout(resolve));
  }

  #changed(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const isBehind = this.#reader.waiting > behind;
    const delay = isBehind ? this.#shownAt + slowFrame - performance.now() : 0;
    if (delay > 0) setTimeout(() => requestAnimationFrame(this.#tell), delay);
    else requestAnimationFrame(this.#tell);
  }

  readonly #tell = (): void => {
    this.#isPlanned = false;
    this.#shownAt = performance.now();
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  };
}

function problemOf(file: string, lines: number, failure: string | null): string {
  if (failure !== null) return `${file} cannot be read: ${failure}.`;
  if (lines === 0) return `${file} is empty.`;
  const count = lines === 1 ? 'its only line is' : `none of its ${lines} lines is`;
  return `${file} is not a recording of an inspector: ${count} about an app.`;
}
