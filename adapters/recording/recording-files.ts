import { basename } from 'node:path';
import { headerLine } from '../../machines/registration/session/recording-header.js';
import type { Line, LineQueue } from './line-queue.js';
import { recordingName, removeOldest } from './names.js';
import type { RecorderSettings } from './options.js';
import { createFolder, RecordingFile, syncFolder } from './recording-file.js';

/** Maximum bytes per write, except for a longer line. */
const largestWrite = 1_048_576;
/** Milliseconds until a written file is checked: it must still exist and be synced. */
const proofDelay = 1_000;

/** Steps that were written and may be lost. */
export type Lost = Pick<Line, 'number' | 'steps' | 'at'>;

export interface FilesHost {
  /** `care` has something to do. */
  due(): void;
  /** A file was removed, or could not be synced. */
  lost(lost: Lost): void;
  /** An error that does not stop the recording. */
  problem(error: unknown): void;
}

/** The files of a recording in sequence. Only one call at a time is allowed. */
export class RecordingFiles {
  readonly #settings: RecorderSettings;
  readonly #host: FilesHost;
  #file: RecordingFile | null = null;
  #count = 0;
  /** Steps that were written since the last check of the file. */
  #unproven: Lost | null = null;
  #proofIsDue = false;
  #proofTimer: NodeJS.Timeout | undefined;
  #isOld = false;
  #ageTimer: NodeJS.Timeout | undefined;

  constructor(settings: RecorderSettings, host: FilesHost) {
    this.#settings = settings;
    this.#host = host;
  }

  /** The current file; null while there is none. */
  get path(): string | null {
    return this.#file?.path ?? null;
  }

  get isDue(): boolean {
    return this.#proofIsDue || this.#isOld;
  }

  /** Creates a file if there is none. @throws the error of the system. */
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
   * Writes the first lines of the backlog, as many as fit into the current or a new file. A line above the maximum size gets a
   * separate file.
   * @returns the completely written lines, and the error that stopped the rest.
   * @throws the error of the system; then no line counts as written.
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

  /** Performs the due check or change of files. @throws the error of the system; {RemovedError}. */
  async care(): Promise<void> {
    if (this.#isOld) await this.finish();
    else if (this.#proofIsDue) await this.#prove();
  }

  /** Checks and closes the file. @throws the error of the system; {RemovedError}. */
  async finish(): Promise<void> {
    await this.#prove();
    const file = this.#file;
    this.#forget();
    await file?.close();
  }

  /** Abandons a file after an error; its content is synced if possible. */
  async abandon(): Promise<void> {
    await this.finish().catch(() => {});
    const file = this.#file;
    this.#forget();
    await file?.close().catch(() => {});
  }

  async #create(): Promise<RecordingFile> {
    const { folder, node } = this.#settings;
    const header = node === undefined ? '' : `${headerLine({ node })}\n`;
    for (;;) {
      this.#count += 1;
      const name = recordingName(new Date(), process.pid, this.#count);
      try {
        return await RecordingFile.begin(folder, name, header);
      } catch (error) {
        // The clock was set back, and a process with the same id had created this name.
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

  /** Checks that the file exists and, with `1s`, syncs it; otherwise its steps are lost. */
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
