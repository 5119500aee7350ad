import { basename } from 'node:path';
import type { Line, LineQueue } from './line-queue.js';
import { recordingName, removeOldest } from './names.js';
import type { RecorderSettings } from './options.js';
import { createFolder, RecordingFile, syncFolder } from './recording-file.js';

/** Bytes in one write, save for a line that is longer. */
const largestWrite = 1_048_576;
/** Milliseconds after which what was written is looked after: is the file still there, and on the disk? */
const proofDelay = 1_000;

/** Steps that were written and may be in no file that can be read. */
export type Lost = Pick<Line, 'number' | 'steps' | 'at'>;

export interface FilesHost {
  /** `care` has something to do. */
  due(): void;
  /** A file was removed, or could not be synced. */
  lost(lost: Lost): void;
  /** Something went wrong that does not stop the recording. */
  problem(error: unknown): void;
}

/** The files of a recording, one after the other. One call at a time. */
export class RecordingFiles {
  readonly #settings: RecorderSettings;
  readonly #host: FilesHost;
  #file: RecordingFile | null = null;
  #count = 0;
  /** What was written since the file was last looked after. */
  #unproven: Lost | null = null;
  #proofIsDue = false;
  #proofTimer: NodeJS.Timeout | undefined;
  #isOld = false;
  #ageTimer: NodeJS.Timeout | undefined;

  constructor(settings: RecorderSettings, host: FilesHost) {
    this.#settings = settings;
    this.#host = host;
  }

  /** The file that is being written; null while there is none. */
  get path(): string | null {
    return this.#file?.path ?? null;
  }

  get isDue(): boolean {
    return this.#proofIsDue || this.#isOld;
  }

  /** Begins a file, unless there is one. @throws the system's error. */
  async begin(): Promise<RecordingFile> {
    if (this.#file) return this.#file;
    const { folder, sync, keep } = this.#settings;
    await createFolder(folder, sync !== 'never');
    const file = await this.#create();
    this.#file = file;
    if (sync !== 'never') await syncFolder(folder);
    if (keep !== undefined) {
      await removeOldest(folder, keep, [basename(file.path)]).catch(this.#host.problem);
    }
    return file;
  }

  /**
   * Writes the first of the lines that wait: as many as the file has room for, or as a new file has. A line that is longer than a
   * file may be has a file for itself.
   * @returns those that are in the file whole, and what stopped it before the rest.
   * @throws the system's error; then none counts as written.
   */
  async write(queue: LineQueue): Promise<{ lines: readonly Line[]; error: unknown }> {
    const { maxSize, sync } = this.#settings;
    const end = (this.#file?.bytes ?? 0) + (queue.next?.bytes ?? 0);
    if (end > maxSize && this.#file?.isEmpty === false) await this.finish();
    const file = await this.begin();
    const lines = queue.first(Math.min(largestWrite, maxSize - file.bytes), 1);
    const { whole, error } = await file.write(lines);
    if (whole > 0 && sync === 'always') {
      await file.sync();
      // A sync of a file that was removed succeeds.
      await file.mustBeThere();
    }
    const written = lines.slice(0, whole);
    this.#wrote(written);
    return { lines: written, error };
  }

  /** Does what is due. @throws the system's error; {RemovedError}. */
  async care(): Promise<void> {
    if (this.#isOld) await this.finish();
    else if (this.#proofIsDue) await this.#prove();
  }

  /** Ends the file as it should be ended. @throws the system's error; {RemovedError}. */
  async finish(): Promise<void> {
    await this.#prove();
    const file = this.#file;
    this.#forget();
    await file?.close();
  }

  /** Leaves a file that failed: what is in it is synced if that can be done. */
  async abandon(): Promise<void> {
    await this.finish().catch(() => {});
    const file = this.#file;
    this.#forget();
    await file?.close().catch(() => {});
  }

  async #create(): Promise<RecordingFile> {
    for (;;) {
      this.#count += 1;
      const name = recordingName(new Date(), process.pid, this.#count);
      try {
        return await RecordingFile.begin(this.#settings.folder, name);
      } catch (error) {
        // The clock went back, to where another process had the same number.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  #wrote(lines: readonly Line[]): void {
    const [first] = lines;
    const last = lines.at(-1);
    if (!first || !last) return;
    const steps = lines.reduce((sum, line) => sum + line.steps, this.#unproven?.steps ?? 0);
    this.#unproven = { at: this.#unproven?.at ?? first.at, number: last.number, steps };
    this.#proofTimer ??= setTimeout(() => {
      this.#proofIsDue = true;
      this.#host.due();
    }, proofDelay).unref();
    this.#ageTimer ??= setTimeout(() => {
      this.#isOld = true;
      this.#host.due();
    }, this.#settings.maxAge).unref();
  }

  /** What was written is there and, with `1s`, outlives the machine from now on; or it is lost. */
  async #prove(): Promise<void> {
    const unproven = this.#unproven;
    this.#unproven = null;
    this.#proofIsDue = false;
    clearTimeout(this.#proofTimer);
    this.#proofTimer = undefined;
    if (!this.#file || !unproven) return;
    try {
      await this.#file.mustBeThere();
      if (this.#settings.sync === '1s') await this.#file.sync();
    } catch (error) {
      this.#host.lost(unproven);
      throw error;
    }
  }

  #forget(): void {
    this.#file = null;
    this.#isOld = false;
    clearTimeout(this.#ageTimer);
    this.#ageTimer = undefined;
  }
}
