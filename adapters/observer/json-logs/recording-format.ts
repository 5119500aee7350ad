/** Recordings of ixgate as a log format. */
import type { Peer } from '../../../machines/registration/observer/events.js';
import type { RecordingGap } from '../../../machines/registration/session/gap-mark.js';
import { isTornLine, readRecordingLine } from '../../../machines/registration/session/recording.js';
import type { StepRecord } from '../../../machines/registration/session/step.js';
import type { LogFormat, LogSink, LogSource } from '../log-reader.js';
import { eventOf } from './event-of-step.js';
import { isStep } from './is-step.js';
import {
  JsonLineReader,
  type JsonLines,
  type JsonObject,
  type Outcome,
  objectsOf,
  type Where,
} from './json-lines.js';
import { RecordedSessions } from './recorded-sessions.js';

/** File names of the recorder: the process and the number of the file. See `recordingName`. */
const ownName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-(\d+)-(\d{4,})\.jsonl(?:\.gz)?$/;

/**
 * Recordings of a gate, a client or a tester, and recordings that an observer made of other logs: its inferences are kept, its
 * findings are found again.
 */
export const recordingFormat: LogFormat = {
  id: 'ixgate-recording',
  title: 'ixgate recording',
  hasConnections: true,
  recognises(head) {
    for (const object of objectsOf(head)) {
      if (isStep(object) || isGap(object) || isHeader(object)) return true;
    }
    // A single line may be longer than the part that was read.
    return head.length === 1 && /^\{"seq":\d+,"session":"/.test(head[0] ?? '');
  },
  startOf(head) {
    for (const object of objectsOf(head)) {
      if ((isStep(object) || isGap(object)) && typeof object.at === 'number') return object.at;
    }
    return null;
  },
  /** A process is one server: its connections end before the next start. A gate of a cluster is named, too. */
  serverOf(head, { file, name }) {
    const [first] = objectsOf(head);
    const node = first && isHeader(first) && first.node !== undefined ? `node ${first.node}, ` : '';
    const process = ownName.exec(name ?? '')?.[1];
    if (name === null || process === undefined) return `${node}${file}`;
    const folder = file.endsWith(name) ? file.slice(0, -name.length) : '';
    return `${node}process ${process}${folder === '' ? '' : ` in ${folder}`}`;
  },
  open: (source, sink) => new JsonLineReader(source, sink, new RecordingLines(source, sink)),
};

function isGap(object: JsonObject): boolean {
  return 'gap' in object && !('seq' in object);
}

function isHeader(object: JsonObject): boolean {
  return object.recording === 1 && !('seq' in object) && !('gap' in object);
}

class RecordingLines implements JsonLines {
  readonly #sink: LogSink;
  readonly #sessions = new RecordedSessions();
  /** Whether it is the first file of a recorder; later files continue earlier sessions. */
  readonly #isFirst: boolean;
  #isWhole: boolean | null = null;
  #at = 0;

  constructor({ name }: LogSource, sink: LogSink) {
    this.#sink = sink;
    this.#isFirst = Number(ownName.exec(name ?? '')?.[2] ?? 1) === 1;
  }

  take(object: JsonObject, text: string, where: Where): Outcome {
    const isPlain = object.observed === undefined && isStep(object);
    const read = isPlain ? object : readRecordingLine(text);
    if (typeof read === 'string') return { damage: read };
    if ('recording' in read) return 'used';
    if ('gap' in read) {
      // For one session, the jump to its next record shows the gap.
      if (read.session === undefined) this.#gap(read, where);
      return 'used';
    }
    const problem = this.#sessions.problemOf(read);
    if (problem !== null) return { damage: problem };
    this.#step(read, where);
    return 'used';
  }

  /** The next record of a session shows what is missing; without one, the session has no end. */
  unread(): void {}

  isBeginning(text: string): boolean {
    return isTornLine(text.trim(), true);
  }

  cut({ place, inferred }: Where): void {
    if (this.#isWhole === null) return;
    const missing = { type: 'missing', peer: null, reason: 'cut' } as const;
    this.#sink.event({ ...missing, at: this.#at, place, inferred });
  }

  #gap({ at }: Pick<RecordingGap, 'at'>, { place, inferred }: Where): void {
    this.#at = at;
    this.#begin(at, false, { place, inferred });
    this.#sink.event({ type: 'missing', at, place, inferred, peer: null, reason: 'gap' });
  }

  #step(step: StepRecord, { place, inferred: ofLine }: Where): void {
    const { observed } = step;
    const { at, isKnown, isJump } = this.#sessions.take(step);
    this.#at = at;
    const inferred = observed ? [...ofLine, ...observed.inferred] : ofLine;
    const isStart = step.seq === 1 && observed?.missing !== 'beginning';
    // The first records of the session are missing: messages without a connect prove nothing.
    if (!isKnown) this.#begin(at, isStart && this.#isFirst, { place, inferred: ofLine });
    const name = observed?.client;
    const peer: Peer = { label: step.session, ...(name !== undefined && { name }) };
    const missing = isJump ? 'gap' : (observed?.missing ?? null);
    if (isKnown && missing !== null) {
      this.#sink.event({ type: 'missing', at, place, inferred: ofLine, peer, reason: missing });
    }
    const event = eventOf(step, peer, { at, place, inferred });
    if (event) this.#sink.event(event);
  }

  #begin(at: number, isWhole: boolean, { place, inferred }: Where): void {
    if (this.#isWhole === isWhole || this.#isWhole === false) return;
    this.#isWhole = isWhole;
    this.#sink.event({ type: 'began', at, place, inferred, isWhole });
  }
}
