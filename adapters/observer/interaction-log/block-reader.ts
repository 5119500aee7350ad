import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import type { ObservedEvent, Peer } from '../../../machines/registration/observer/events.js';
import type { Inference } from '../../../machines/registration/session/marks.js';
import type { LineCounts, LogReader, LogSink, LogSource } from '../log-reader.js';
import type { Aliases } from './aliases.js';
import { AttributeBlock, type AttributeNames, type Attributes } from './attributes.js';
import type { Dialect, Meaning } from './dialect.js';
import { type FileHeader, firstDayOf, HeaderReader } from './file-header.js';
import { isMasked, type MessageLine, spelledOut } from './message-line.js';
import { recordOf } from './record.js';
import { Calendar, type Stamp, StampReader } from './time-stamp.js';

/** A message whose attribute lines are being read. */
interface Block {
  readonly at: number;
  readonly line: number;
  readonly message: MessageLine;
  readonly attributes: AttributeBlock;
  readonly inferred: readonly Inference[] | undefined;
  lines: number;
  isLatin1: boolean;
}

/** The state that the readers of one format share. */
export interface BlockFormat {
  readonly dialect: Dialect;
  readonly aliases: Aliases;
  readonly names: AttributeNames;
  /** Called with a file's header. @returns whether a file of the same server is missing before it. */
  opened(header: FileHeader): boolean;
}

/** Reads a log of records with time stamps, some of which open a block of attribute lines. */
export class BlockReader implements LogReader {
  readonly #format: BlockFormat;
  readonly #source: LogSource;
  readonly #sink: LogSink;
  readonly #stamps = new StampReader();
  readonly #counts = { used: 0, ignored: 0, damaged: 0 };
  #line = 0;
  #header: HeaderReader | null = new HeaderReader();
  #calendar: Calendar | null = null;
  #dayMark: readonly Inference[] | undefined;
  #hasBegun = false;
  #at = 0;
  #block: Block | null = null;
  /** Whether the following lines belong to a damaged block. */
  #isDamaged = false;

  constructor(format: BlockFormat, source: LogSource, sink: LogSink) {
    this.#format = format;
    this.#source = source;
    this.#sink = sink;
  }

  get counts(): LineCounts {
    const { used, ignored, damaged } = this.#counts;
    const held = this.#block?.lines ?? 0;
    return { read: used + held + ignored + damaged, used: used + held, ignored, damaged };
  }

  take(line: string, isLatin1: boolean): void {
    this.#line += 1;
    const first = line.charCodeAt(0);
    const isDigit = first >= 48 && first <= 57;
    const stamp = isDigit ? this.#stamps.read(line) : null;
    if (stamp !== null && stamp !== 'impossible') {
      if (this.#block) this.#close();
      this.#isDamaged = false;
      this.#record(line, stamp, isLatin1);
    } else if (stamp === 'impossible' && !this.#block?.attributes.isOpen) {
      if (this.#block) this.#close();
      this.#damage(this.#line, 1, 'a time that cannot be', null);
    } else if (this.#block) this.#attribute(line, first, isLatin1);
    else if (this.#isDamaged && isOfBlock(first)) this.#counts.damaged += 1;
    else this.#other(line);
  }

  skip(reason: string): void {
    this.#line += 1;
    if (this.#block) this.#spoil(reason, 1);
    else this.#damage(this.#line, 1, reason, null);
  }

  end(isTorn: boolean): void {
    const block = this.#block;
    if (!block) return;
    if (isTorn || block.attributes.isOpen) {
      this.#block = null;
      this.#counts.used += block.lines;
      this.#missing('cut', peerIn(block.message));
    } else this.#close();
  }

  /** Handles a line of the header, or of a record about no client. */
  #other(line: string): void {
    this.#isDamaged = false;
    if (this.#header?.take(line)) this.#counts.used += 1;
    else this.#counts.ignored += 1;
  }

  #record(line: string, stamp: Stamp, isLatin1: boolean): void {
    this.#at = this.#timeOf(stamp);
    if (!this.#hasBegun) this.#begin();
    if (line.includes('\0')) {
      this.#damage(this.#line, 1, 'NUL bytes', null);
      return;
    }
    const { id, text } = recordOf(line, stamp.end);
    const meaning = this.#format.dialect(id, text);
    if (meaning === null) {
      this.#counts.ignored += 1;
      return;
    }
    const inferred = isLatin1 ? [...(this.#dayMark ?? []), 'encoding' as const] : this.#dayMark;
    if (meaning.kind === 'message') {
      this.#block = {
        at: this.#at,
        line: this.#line,
        message: meaning.message,
        // Objects of the same shape are faster to create and to read.
        attributes: new AttributeBlock(this.#format.names, { messageName: '' }),
        inferred,
        lines: 1,
        isLatin1,
      };
      return;
    }
    this.#counts.used += 1;
    this.#tellOf(meaning, inferred);
  }

  /** Emits the event of a record that is not a message. */
  #tellOf(
    meaning: Exclude<Meaning, { kind: 'message' }>,
    inferred: readonly Inference[] | undefined,
  ): void {
    const { peer } = meaning;
    if (peer === 'masked') {
      this.#missing('masked', null);
      return;
    }
    const at = this.#at;
    const place = this.#placeOf(this.#line);
    switch (meaning.kind) {
      case 'connected': {
        // A connection without a number is identified by its line.
        const connected = peer ?? { label: `#${this.#line}` };
        this.#tell({ type: 'connected', at, place, inferred, peer: connected });
        break;
      }
      case 'disconnected': {
        const { by, reason } = meaning;
        if (peer) this.#tell({ type: 'disconnected', at, place, inferred, peer, by, reason });
        else this.#missing('masked', null);
        break;
      }
      case 'registered':
        if (peer) this.#tell({ type: 'registered', at, place, inferred, peer });
        break;
      case 'unknown-client': {
        const code = 'unknown-client-unregistered';
        const { text } = meaning;
        this.#tell({ type: 'reported', at, place, inferred, peer, code, text });
      }
    }
  }

  #attribute(line: string, first: number, isLatin1: boolean): void {
    const block = this.#block;
    if (!block) return;
    if (!block.attributes.isOpen && !isOfBlock(first)) {
      this.#close();
      this.#other(line);
      return;
    }
    const problem = block.attributes.take(line);
    if (problem !== null) {
      this.#spoil(problem, 1);
      return;
    }
    block.lines += 1;
    block.isLatin1 ||= isLatin1;
  }

  /** Drops a damaged block and the lines that follow it. @param more number of further lines that belong to it. */
  #spoil(reason: string, more: number): void {
    const block = this.#block;
    if (!block) return;
    this.#block = null;
    this.#damage(block.line, block.lines + more, reason, peerIn(block.message));
  }

  #damage(line: number, lines: number, reason: string, peer: Peer | null): void {
    this.#isDamaged = true;
    this.#counts.damaged += lines;
    this.#sink.damage({ file: this.#source.file, line, lines, reason });
    if (this.#hasBegun) this.#missing('damaged', peer);
  }

  /** Ends a complete block and emits its message. */
  #close(): void {
    const block = this.#block;
    if (!block) return;
    if (block.attributes.isOpen) {
      this.#spoil('a text without its closing quote', 0);
      return;
    }
    this.#block = null;
    this.#counts.used += block.lines;
    const { message, at, inferred, isLatin1 } = block;
    const name = this.#nameOf(message);
    const peer = message.peer ?? peerFrom(block.attributes.values);
    if (name === null || peer === 'masked') {
      this.#missing('masked', peer === 'masked' ? null : peer, at, block.line);
      return;
    }
    const marks =
      isLatin1 && !inferred?.includes('encoding')
        ? [...(inferred ?? []), 'encoding' as const]
        : inferred;
    this.#tell({
      type: 'said',
      by: message.by,
      peer,
      message: asOnWire(block.attributes.values, name),
      at,
      place: this.#placeOf(block.line),
      inferred: marks,
    });
  }

  /** A message's name on the wire; null when it is hidden and its number is unknown. */
  #nameOf({ name, id }: MessageLine): string | null {
    const { messages } = this.#format.aliases;
    const known =
      messages.get(name) ?? (isMasked(name) && id !== null ? messages.get(id) : undefined);
    if (known !== undefined) return known;
    return isMasked(name) || name === '' ? null : spelledOut(name);
  }

  #timeOf({ day, time }: Stamp): number {
    if (day !== null) return day + time;
    if (!this.#calendar) {
      const header = this.#headerRead();
      const first = firstDayOf(header, time, this.#source.name);
      this.#calendar = new Calendar(first.day);
      if (first.inferred) this.#dayMark = [first.inferred];
    }
    return this.#calendar.at(time);
  }

  #headerRead(): FileHeader {
    return (this.#header ?? new HeaderReader()).header;
  }

  /** Handles the first record: all lines before it are the header. */
  #begin(): void {
    this.#hasBegun = true;
    const header = this.#headerRead();
    this.#header = null;
    const isMissing = this.#format.opened(header);
    const observed = { at: this.#at, place: this.#placeOf(1), inferred: this.#dayMark };
    this.#tell({ ...observed, type: 'began', isWhole: header.number === 1 });
    if (isMissing) this.#missing('gap', null);
  }

  #missing(
    reason: 'masked' | 'damaged' | 'cut' | 'gap',
    peer: Peer | null,
    at = this.#at,
    line = this.#line,
  ): void {
    this.#tell({ type: 'missing', peer, reason, at, place: this.#placeOf(line) });
  }

  #placeOf(line: number) {
    return { file: this.#source.file, line };
  }

  #tell(event: ObservedEvent): void {
    this.#sink.event(event);
  }
}

/** A line of a block begins with white space or a double quote; an empty one ends it. */
function isOfBlock(first: number): boolean {
  return first === 9 || first === 32 || first === 34;
}

function peerIn({ peer }: MessageLine): Peer | null {
  return peer === 'masked' ? null : peer;
}

/** The peer of a message whose line names no client: the name in its registration request, or an unknown client. */
function peerFrom({ clientName }: Attributes): Peer {
  return { label: typeof clientName === 'string' ? clientName : '?' };
}

/** Converts values that differ between the log and the wire. */
function asOnWire(message: Record<string, unknown>, messageName: string): WireMessage {
  message.messageName = messageName;
  const { referenceId, clientType } = message;
  // A masked value is not a number.
  if (referenceId !== undefined && typeof referenceId !== 'number') message.referenceId = null;
  // The meaning of numeric client types is unknown.
  if (typeof clientType === 'number') message.clientType = String(clientType);
  return message as WireMessage;
}
