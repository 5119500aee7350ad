/**
 * Generates a log in the format of Interaction Server, of a given number of sessions, with the expected outcome of each. None of it is a real
 * excerpt. The expected outcomes follow the observer's rules: among several connections without a name, the log alone decides which one
 * a name belongs to.
 */
import { Heap } from '../adapters/runtime/collections/heap.js';
import type { SessionVerdict } from '../machines/index.js';

export interface GeneratedLogOptions {
  /** 1 or more. */
  readonly sessions: number;
  /** A whole number; the same seed generates the same log. @default 1 */
  readonly seed?: number;
  /** Leaves out the sessions with findings. @default false */
  readonly isClean?: boolean;
  /** Mistakes of the server, each in all sessions that it affects. The expected outcomes do not know them. @default none */
  readonly mistakes?: readonly Mistake[];
}

/** The mistakes that a server of a made log may have. */
export const mistakes = {
  'acks-first': 'acknowledges a message before the registration',
  'restarts-deadline': 'starts the rejection deadline again with each EventError',
  'short-deadline': 'disconnects a silent client after 8 s instead of 10 s',
  'closes-refused': 'disconnects at once after it has refused a registration',
  'deadline-runs-on': 'does not stop the rejection deadline at the registration',
} as const;
export type Mistake = keyof typeof mistakes;

/** The expected outcome of a session of the log. */
export interface ExpectedSession {
  readonly session: string;
  readonly client: string;
  readonly verdict: SessionVerdict;
  readonly answeredAfter: number | null;
  readonly errorCode: number | null;
}

/** A piece of the output. */
export type Piece = { readonly text: string } | { readonly expected: ExpectedSession };

/** A scheduled line of a session. */
interface Moment {
  readonly at: number;
  readonly order: number;
  readonly write: () => void;
}

const start = Date.UTC(2026, 2, 2, 22, 30);
const registrationTimeout = 10_000;
const rejectionTimeout = 5_000;
const clientTypes = ['AgentApplication', 'MediaServer', 'ReportingEngine'] as const;
const registeredLines = {
  AgentApplication: ['26102', 'agent application'],
  MediaServer: ['26103', 'media server'],
  ReportingEngine: ['26104', 'reporting engine'],
} as const;

/** The relative frequency of each fate. */
const fates = {
  registered: 60,
  'registered-later': 3,
  refused: 11,
  'spoke-first': 6,
  'refused-then-spoke': 4,
  'spoke-then-refused': 2,
  silent: 4,
  left: 3,
  'closed-before-answer': 3,
  'never-answered': 2,
  'open-at-the-end': 1,
  'stays-registered': 1,
} as const;
type Fate = keyof typeof fates;

/** mulberry32, a small seeded generator that gives the same numbers on every machine. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The log and its expected outcomes, in pieces of about 64 KiB, in constant memory. */
export function* generatedLog(options: GeneratedLogOptions): Generator<Piece, void, void> {
  const writer = new Writer(options);
  for (let session = 1; session <= options.sessions; session += 1) {
    writer.begin(session);
    yield* writer.pieces();
  }
  writer.finish();
  yield* writer.pieces(true);
}

class Writer {
  readonly #random: () => number;
  readonly #moments = new Heap<Moment>(
    (one, other) => one.at < other.at || (one.at === other.at && one.order < other.order),
  );
  readonly #expected: ExpectedSession[] = [];
  /** Names that are reused while no session has them. */
  readonly #offenders = Array.from({ length: 40 }, (_, index) => `kiosk-${index + 1}`);
  #text = '';
  #line = 0;
  #order = 0;
  #now = start;
  readonly #isClean: boolean;
  readonly #mistakes: readonly Mistake[];

  constructor({ seed = 1, isClean = false, mistakes = [] }: GeneratedLogOptions) {
    this.#random = randomOf(seed);
    this.#isClean = isClean;
    this.#mistakes = mistakes;
    const header = [
      'Application name:        ixn_made',
      'Application type:        InteractionServer (73)',
      'Application version:     8.5.300.10',
      'Host name:               made-ixn-1',
      'Time zone:               0, UTC',
      'Start time (UTC):        2026-03-02T22:30:00',
      'Command line:            interaction_server -app ixn_made',
      'File:                    (1) ixn_made.20260302_223000_000.log',
      '',
    ];
    for (const line of header) this.#raw(line);
    this.#record('05060 Application started', 'Std');
  }

  /** Connects one more session. */
  begin(number: number): void {
    this.#now += 1 + this.#whole(8);
    this.#until(this.#now);
    if (this.#random() < 0.2) this.#record('04541 Message queue has been looked at', 'Dbg');
    const fate = this.#fate();
    const isLeftOut = this.#isClean && fate === 'never-answered';
    new Played(this, number, isLeftOut ? 'registered' : fate).play();
  }

  finish(): void {
    this.#until(Number.POSITIVE_INFINITY);
  }

  *pieces(isLast = false): Generator<Piece, void, void> {
    if (this.#text.length < 65_536 && !isLast) return;
    const text = this.#text;
    this.#text = '';
    yield { text };
    for (const expected of this.#expected.splice(0)) yield { expected };
  }

  get now(): number {
    return this.#now;
  }

  has(mistake: Mistake): boolean {
    return this.#mistakes.includes(mistake);
  }

  /** No other session connects before this time. */
  holdUntil(at: number): void {
    this.#now = Math.max(this.#now, at);
    this.#until(this.#now);
  }

  expect(expected: ExpectedSession): void {
    this.#expected.push(expected);
  }

  /** A name: a reused one, or a new one. */
  nameOf(number: number, comesAgain: boolean): string {
    const again = comesAgain && this.#random() < 0.5 ? this.#offenders.pop() : undefined;
    return again ?? `desk-${number}`;
  }

  /** The name is free again. */
  giveBack(name: string): void {
    if (name.startsWith('kiosk-')) this.#offenders.unshift(name);
  }

  whole(most: number): number {
    return this.#whole(most);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.#whole(items.length)] as Item;
  }

  /** Schedules a line. */
  later(at: number, write: () => void): void {
    this.#order += 1;
    this.#moments.push({ at, order: this.#order, write });
  }

  /** @returns the number of the written line */
  record(at: number, text: string, level = 'Trc'): number {
    this.#now = Math.max(this.#now, at);
    return this.#raw(`${stampOf(at)} ${level} ${text}`);
  }

  attribute(text: string): void {
    this.#raw(`\t${text}`);
  }

  #record(text: string, level: string): void {
    this.record(this.#now, text, level);
  }

  #raw(line: string): number {
    this.#line += 1;
    this.#text += `${line}\n`;
    return this.#line;
  }

  #until(at: number): void {
    for (let first = this.#moments.first; first && first.at <= at; first = this.#moments.first) {
      this.#moments.pop();
      first.write();
    }
  }

  #fate(): Fate {
    let ticket = this.#random() * 100;
    for (const [fate, parts] of Object.entries(fates) as [Fate, number][]) {
      ticket -= parts;
      if (ticket < 0) return fate;
    }
    return 'registered';
  }

  #whole(most: number): number {
    return Math.floor(this.#random() * most);
  }
}

/** One session and its lines. */
class Played {
  readonly #log: Writer;
  readonly #number: number;
  readonly #fate: Fate;
  readonly #name: string;
  readonly #type: (typeof clientTypes)[number];
  readonly #form: number;
  readonly #goesByNumber: boolean;
  readonly #connectedAt: number;
  readonly #line: number;
  #at: number;
  #referenceId: number;
  #hasAsked = false;
  #answeredAfter: number | null = null;
  #errorCode: number | null = null;

  constructor(log: Writer, number: number, fate: Fate) {
    this.#log = log;
    this.#number = number;
    this.#fate = fate;
    this.#name = log.nameOf(number, fate.startsWith('refused') || fate.startsWith('spoke'));
    this.#type = log.pick(clientTypes);
    this.#form = log.whole(3);
    this.#goesByNumber = log.whole(10) === 0;
    this.#referenceId = 1 + log.whole(1_000_000);
    this.#connectedAt = log.now;
    this.#at = log.now;
    this.#line = log.record(log.now, `04520 New client ${number} connected`);
  }

  play(): void {
    const spoken = this.#connectedAt + 1 + this.#log.whole(15);
    switch (this.#fate) {
      case 'silent':
        this.#endAt(this.#connectedAt + this.#registrationTimeout, 'server', `${this.#number}`);
        this.#is('silent', `${this.#number}`);
        // The observer would assign this name to another client that speaks within a second.
        this.#log.holdUntil(this.#connectedAt + 1_001);
        return;
      case 'left': {
        const end = this.#connectedAt + 1 + this.#log.whole(400);
        this.#endAt(end, null, `${this.#number}`);
        this.#is('left', `${this.#number}`);
        this.#log.holdUntil(end + 1);
        return;
      }
      case 'registered':
      case 'stays-registered':
        this.#asks(spoken);
        this.#answers(true);
        this.#works(this.#fate === 'registered');
        this.#is('registered');
        break;
      case 'registered-later':
        this.#asks(spoken);
        this.#answers(false);
        if (this.#log.has('closes-refused')) this.#closesRefused();
        else {
          const end = this.#at + rejectionTimeout;
          this.#asks(this.#at + 100 + this.#log.whole(2_000));
          this.#answers(true);
          if (this.#log.has('deadline-runs-on')) this.#endAt(end, 'server');
          else this.#works(true);
        }
        this.#is('registered');
        break;
      case 'refused':
        this.#asks(spoken);
        this.#answers(false);
        if (this.#log.has('closes-refused')) this.#closesRefused();
        else this.#rejected();
        this.#is('refused');
        break;
      case 'spoke-first':
        this.#speaks(spoken);
        if (this.#log.has('acks-first')) {
          this.#endAt(this.#connectedAt + this.#registrationTimeout, 'server');
        } else this.#rejected();
        this.#is('spoke-first');
        break;
      case 'refused-then-spoke':
        this.#asks(spoken);
        this.#answers(false);
        if (this.#log.has('closes-refused')) this.#closesRefused();
        else this.#rejectedAfter(() => this.#speaks(this.#at + 100 + this.#log.whole(3_000)));
        this.#is('refused-then-spoke');
        break;
      case 'spoke-then-refused':
        this.#speaks(spoken);
        this.#rejectedAfter(() => {
          this.#asks(this.#at + 100 + this.#log.whole(3_000));
          this.#answers(false);
        });
        this.#is('spoke-then-refused');
        break;
      case 'closed-before-answer':
        this.#asks(spoken);
        this.#endAt(this.#at + 1 + this.#log.whole(2_000), null);
        this.#is('closed-before-answer');
        break;
      case 'never-answered':
        this.#asks(spoken);
        this.#endAt(this.#connectedAt + this.#registrationTimeout, 'server');
        this.#is('never-answered');
        break;
      case 'open-at-the-end':
        this.#asks(spoken);
        this.#is('open');
        break;
    }
    this.#log.holdUntil(spoken + 1);
  }

  /** The client's name in the log. The server does not know it until the client has sent its registration. */
  get #called(): string {
    return this.#goesByNumber && !this.#hasAsked ? `${this.#number}` : this.#name;
  }

  #is(verdict: SessionVerdict, client = this.#called): void {
    this.#log.expect({
      session: `${this.#number}@${this.#line}`,
      client,
      verdict,
      answeredAfter: this.#answeredAfter,
      errorCode: this.#errorCode,
    });
  }

  #asks(at: number): void {
    this.#at = at;
    this.#referenceId += 1;
    const id = this.#referenceId;
    this.#hears(at, 'RequestRegisterClient', 100, [
      `attr_client_name [str] = "${this.#name}"`,
      `attr_client_type [int] = ${clientTypes.indexOf(this.#type) + 2} [${this.#type}]`,
      'attr_extension [list] = ',
      `\t'event_properties_changed' [int] = 1`,
      `attr_ref_id [int] = ${id}`,
    ]);
  }

  #answers(isValid: boolean): void {
    const after = 1 + this.#log.whole(8);
    const at = this.#at + after;
    const id = this.#referenceId;
    this.#at = at;
    this.#answeredAfter = after;
    if (!isValid) {
      this.#refuses(at, 2, 'client is not valid', id);
      return;
    }
    const [number, words] = registeredLines[this.#type];
    this.#log.later(at, () => {
      const text = `${number} New ${words} registered, client name: ${this.#name}`;
      this.#log.record(at, text, 'Std');
    });
    this.#says(at, 'EventAck', 125, [`attr_ref_id [int] = ${id}`]);
  }

  /** Sends a request before it is registered. */
  #speaks(at: number): void {
    this.#at = at;
    this.#referenceId += 1;
    const id = this.#referenceId;
    this.#hears(at, 'RequestSubmit', 101, [
      'attr_itx_media_type [str] = "email"',
      `attr_ref_id [int] = ${id}`,
    ]);
    const after = 1 + this.#log.whole(8);
    this.#at = at + after;
    if (this.#fate === 'spoke-first') this.#answeredAfter = after;
    if (this.#log.has('acks-first')) {
      this.#says(this.#at, 'EventAck', 125, [`attr_ref_id [int] = ${id}`]);
      return;
    }
    this.#refuses(this.#at, 1, 'client is not registered', id);
  }

  #refuses(at: number, code: number, text: string, id: number): void {
    this.#errorCode = code;
    this.#says(at, 'EventError', 126, [
      `attr_error_code [int] = ${code}`,
      `attr_error_desc [str] = "${text}"`,
      `attr_ref_id [int] = ${id}`,
    ]);
  }

  /** The server closes the connection when the rejection deadline, which runs from now, expires. */
  #rejected(): void {
    this.#endAt(this.#at + rejectionTimeout, 'server');
  }

  /** The same when the client does something meanwhile. */
  #rejectedAfter(acts: () => void): void {
    const isFirst = this.#errorCode !== null && !this.#log.has('restarts-deadline');
    const end = this.#at + rejectionTimeout;
    acts();
    this.#endAt(isFirst ? end : this.#at + rejectionTimeout, 'server');
  }

  #closesRefused(): void {
    this.#endAt(this.#at + 2, 'server');
  }

  get #registrationTimeout(): number {
    return this.#log.has('short-deadline') ? 8_000 : registrationTimeout;
  }

  /** Registers, then sends requests. */
  #works(isOver: boolean): void {
    for (let exchange = this.#log.whole(4); exchange > 0; exchange -= 1) {
      this.#at += 20 + this.#log.whole(4_000);
      this.#referenceId += 1;
      const id = this.#referenceId;
      this.#hears(this.#at, 'RequestAgentLogin', 110, [
        `attr_agent_id [str] = "agent_${this.#number}"`,
        'attr_media_list [list] = ',
        `\t'chat' [int] = 1`,
        `\t'email' [int] = 1`,
        `attr_ref_id [int] = ${id}`,
        'attr_tenant_id [int] = 1',
      ]);
      this.#at += 1 + this.#log.whole(5);
      this.#says(this.#at, 'EventAck', 125, [`attr_ref_id [int] = ${id}`]);
    }
    if (isOver) this.#endAt(this.#at + 100 + this.#log.whole(20_000), null);
  }

  #hears(at: number, message: string, id: number, attributes: readonly string[]): void {
    const isByNumber = this.#goesByNumber && !this.#hasAsked;
    const name = this.#name;
    this.#hasAsked ||= message === 'RequestRegisterClient';
    const texts = [
      `Received message '${message}' (${id}) from client '${name}', message attributes:`,
      `Received from client '${name}': '${message}' (${id}), message attributes:`,
      `message '${message}' (${id}) from client '${name}', message attributes:`,
    ];
    // Before the registration the server knows only the number.
    const byNumber = `Received from 10.0.0.7:40001 ${this.#number}: '${message}' (${id})`;
    const text = isByNumber ? byNumber : texts[this.#form];
    this.#later(at, `26015 ${text}`, attributes);
  }

  #says(at: number, message: string, id: number, attributes: readonly string[]): void {
    const name = this.#called;
    const texts = [
      `Sending message '${message}' (${id}) to client '${name}', message attributes:`,
      `Sending to client '${name}': '${message}' (${id}), message attributes:`,
      `message '${message}' (${id}) to client '${name}', message attributes:`,
    ];
    this.#later(at, `26016 ${texts[this.#form]}`, attributes);
  }

  #later(at: number, text: string, attributes: readonly string[]): void {
    this.#log.later(at, () => {
      this.#log.record(at, text);
      for (const attribute of attributes) this.#log.attribute(attribute);
    });
  }

  #endAt(at: number, by: 'server' | null, silent?: string): void {
    this.#log.later(at, () => {
      const called = silent ?? this.#called;
      if (by === 'server') {
        const words = 'Closing client connection by the initiative of the server, client';
        this.#log.record(at, `26010 ${words} '${called}'`);
      }
      this.#log.record(at, `04524 Client '${called}' disconnected`);
      this.#log.giveBack(this.#name);
    });
  }
}

function stampOf(at: number): string {
  const time = at % 86_400_000;
  const two = (number: number) => (number < 10 ? `0${number}` : `${number}`);
  const milliseconds = `${time % 1_000}`.padStart(3, '0');
  const seconds = Math.floor(time / 1_000);
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${milliseconds}`;
}
