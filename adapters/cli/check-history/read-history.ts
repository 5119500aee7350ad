import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { HistoryEvent, HistoryGrant } from '../../../machines/directory/history.js';
import { isTornLine, readRecordingLine } from '../../../machines/registration/session/recording.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import { FileError, unreadable } from '../../files/file-error.js';
import { statOf } from '../../files/folder.js';
import { longestLine, readFileLines } from '../../recording/file-lines.js';
import { processOfRecording } from '../../recording/names.js';

/** A grant, or the end of its session; `isOpen` when only its recording ends. */
export type ReadEvent =
  | ({ readonly type: 'grant' } & HistoryGrant)
  | ({ readonly type: 'end'; readonly isOpen: boolean } & HistoryEvent);

export interface ReadHistory {
  /** In order of time. */
  readonly events: readonly ReadEvent[];
  readonly files: number;
  /** Registered sessions without an epoch: their names have no cap. */
  readonly uncapped: number;
  /** Steps that gap marks replace. */
  readonly missing: number;
  readonly damaged: readonly { readonly place: string; readonly reason: string }[];
}

/**
 * Reads the recordings of a folder and its subfolders. Files that are not recordings are skipped; damaged lines are counted and skipped.
 * @throws {FileError} for a folder without recordings, and for a file that cannot be read
 */
export async function readHistory(folder: string): Promise<ReadHistory> {
  if (!(await statOf(folder)).isDirectory()) throw new FileError(folder, null, 'is not a folder');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: unknown) => {
      throw unreadable(folder, cause);
    },
  );
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const reading = new Reading(folder);
  for (const path of paths) await reading.read(path);
  if (reading.files === 0)
    throw new FileError(folder, null, 'there is no recording in this folder');
  return reading.end();
}

/** One run of a gate: the files of one process. */
interface Run {
  node: string | null;
  lastAt: number;
  lastPlace: string;
  /** The name that each open session asked for last, until it is registered. */
  readonly asked: Map<string, string>;
  readonly granted: Map<string, HistoryGrant>;
}

class Reading {
  files = 0;
  readonly #folder: string;
  readonly #runs = new Map<string, Run>();
  readonly #events: ReadEvent[] = [];
  readonly #damaged: { place: string; reason: string }[] = [];
  #uncapped = 0;
  #missing = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(path: string): Promise<void> {
    const file = new FileLines(relative(this.#folder, path), this.#runOf(path), this);
    await readFileLines(path, (line, isLast) => file.take(line, isLast));
  }

  end(): ReadHistory {
    for (const { granted, lastAt, lastPlace } of this.#runs.values()) {
      for (const grant of granted.values()) {
        this.#events.push({ ...grant, type: 'end', isOpen: true, at: lastAt, place: lastPlace });
      }
    }
    // Steps of one gate with the same time keep their order.
    this.#events.sort((one, other) => one.at - other.at);
    const { files } = this;
    const [events, damaged] = [this.#events, this.#damaged];
    return { events, files, uncapped: this.#uncapped, missing: this.#missing, damaged };
  }

  damage(place: string, reason: string): void {
    this.#damaged.push({ place, reason });
  }

  gap(steps: number): void {
    this.#missing += steps;
  }

  step(step: StepRecord, run: Run, place: string): void {
    const { session, at, payload, epoch } = step;
    run.lastAt = Math.max(run.lastAt, at);
    run.lastPlace = place;
    if (step.seat !== 'server') return;
    if (step.name === 'RequestRegisterClient' && typeof payload?.clientName === 'string') {
      if (!run.granted.has(session)) run.asked.set(session, payload.clientName);
    }
    if (step.to === 'registered' && step.from !== 'registered') {
      if (epoch === undefined) this.#uncapped += 1;
      else this.#grant(step, epoch, run, place);
      run.asked.delete(session);
    }
    if (step.to !== 'disconnected') return;
    run.asked.delete(session);
    const grant = run.granted.get(session);
    if (!grant) return;
    run.granted.delete(session);
    this.#events.push({ ...grant, type: 'end', isOpen: false, at, place });
  }

  #grant({ session, at }: StepRecord, epoch: number, run: Run, place: string): void {
    const name = run.asked.get(session);
    if (name === undefined) {
      this.damage(place, `session ${session} has an epoch, but no request to register before it`);
      return;
    }
    const grant = { name, session, node: run.node ?? dirname(place), at, place, epoch };
    run.granted.set(session, grant);
    this.#events.push({ ...grant, type: 'grant' });
  }

  #runOf(path: string): Run {
    const process = processOfRecording(basename(path));
    const key = process === null ? path : join(dirname(path), process);
    const known = this.#runs.get(key);
    if (known) return known;
    const run: Run = {
      ...{ node: null, lastAt: 0, lastPlace: '' },
      ...{ asked: new Map(), granted: new Map() },
    };
    this.#runs.set(key, run);
    return run;
  }
}

class FileLines {
  readonly #file: string;
  readonly #run: Run;
  readonly #reading: Reading;
  #line = 0;
  #isRecording = false;

  constructor(file: string, run: Run, reading: Reading) {
    this.#file = file;
    this.#run = run;
    this.#reading = reading;
  }

  /** @returns whether to read on: not in a file whose first line is not of a recording */
  take(bytes: Uint8Array | 'too-long', isLast: boolean): boolean {
    this.#line += 1;
    const place = `${this.#file}:${this.#line}`;
    const text = bytes === 'too-long' ? '' : Buffer.from(bytes).toString();
    const line = text.replace(/^\uFEFF/, '').trim();
    if (line === '' && bytes !== 'too-long') return true;
    const read =
      bytes === 'too-long' ? `longer than ${longestLine} bytes` : readRecordingLine(line);
    if (typeof read === 'string') {
      if (!this.#isRecording && !/^\{"(seq|gap|recording)":/.test(line)) return false;
      this.#count();
      if (!(isLast && isTornLine(line, true))) this.#reading.damage(place, read);
      return true;
    }
    this.#count();
    if ('recording' in read) this.#run.node = read.node ?? null;
    else if ('gap' in read) this.#reading.gap(read.gap);
    else this.#reading.step(read, this.#run, place);
    return true;
  }

  #count(): void {
    if (!this.#isRecording) this.#reading.files += 1;
    this.#isRecording = true;
  }
}
