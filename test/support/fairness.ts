import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testCertificates } from './certificates.js';
import { Child, Load, median, ServeChild } from './load.js';

const registrationTimeout = 400;
/** Duration of one measurement in milliseconds. */
const window = 400;

/** The service that others get while one peer attacks at full speed, compared with the service without the attack. */
export interface Fairness {
  /** Registrations per second, divided by those without the attack. */
  readonly registrations: number;
  /** The 99th percentile of a registered client's response times, divided by that without the attack, but at least `leastTail`. */
  readonly tail: number;
  /** Milliseconds between a silent client's deadline and its disconnect. */
  readonly late: number;
}

/** In milliseconds; a shorter tail is mostly noise of the machine. */
const leastTail = 5;

class Attacker extends Child {
  static async open(): Promise<Attacker> {
    const attacker = new Attacker(['test/support/attacks.mjs']);
    await attacker.ready();
    return attacker;
  }
}

/** A gate as users run it, one process that attacks it and one that measures. */
export class FairnessTest implements AsyncDisposable {
  readonly #gate: ServeChild;
  readonly #attacker: Attacker;
  readonly #meter: Load;
  #addresses = 0;

  private constructor(gate: ServeChild, attacker: Attacker, meter: Load) {
    this.#gate = gate;
    this.#attacker = attacker;
    this.#meter = meter;
  }

  static async open(folder: string): Promise<FairnessTest> {
    const { server } = await testCertificates();
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    await writeFile(files.cert, server.cert);
    await writeFile(files.key, server.key);
    const clients = join(folder, 'clients.json');
    const names = ['client-*', 'busy', 'patient', 'proxy'];
    await writeFile(clients, JSON.stringify({ clients: names.map((pattern) => ({ pattern })) }));
    const gate = await ServeChild.open([
      ...['tcp', 'ws', 'tls'].flatMap((scheme) => ['--listen', `${scheme}://127.0.0.1:0`]),
      ...['--admin', 'http://127.0.0.1:0', '--clients', clients],
      // The clients that measure, not the attackers.
      ...['--exempt', '127.0.0.0/24'],
      ...['--tls-cert', files.cert, '--tls-key', files.key],
      ...['--registration-timeout', `${registrationTimeout}ms`],
    ]);
    return new FairnessTest(gate, await Attacker.open(), await Load.open());
  }

  get attacks(): Promise<string[]> {
    return this.#attacker.ask('names');
  }

  /** Measures with and without the attack alternately. @returns the medians of that many rounds */
  async under(attack: string, rounds = 3): Promise<Fairness> {
    const [tcp, ws, tls] = this.#gate.ports;
    const ports = { tcp, ws, tls, admin: Number(new URL(this.#gate.admin).port) };
    await this.#measured();
    const seen: Fairness[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const without = await this.#measuredWith(null, ports);
      const during = await this.#measuredWith(attack, ports);
      seen.push({
        registrations: during.registrations / without.registrations,
        tail: during.tail / Math.max(leastTail, without.tail),
        late: during.late,
      });
    }
    return {
      registrations: median(seen.map(({ registrations }) => registrations)),
      tail: median(seen.map(({ tail }) => tail)),
      late: median(seen.map(({ late }) => late)),
    };
  }

  /** @param attack null for an attacker that only computes: the machine is equally busy then. */
  async #measuredWith(attack: string | null, ports: object) {
    // A separate address, so that the limits used up by the previous attack do not apply.
    this.#addresses += 1;
    const localAddress = `127.1.${Math.floor(this.#addresses / 250)}.${1 + (this.#addresses % 250)}`;
    await this.#attacker.ask('start', { attack, ports, localAddress });
    const measured = await this.#measured();
    await this.#attacker.ask('stop');
    return measured;
  }

  async #measured() {
    const [port = 0] = this.#gate.ports;
    const sources = { first: '127.0.0.1' };
    const [registered, answers, silence] = await Promise.all([
      this.#meter.run('register', { port, sources, atOnce: 8, milliseconds: window }),
      this.#meter.answers(port, window),
      this.#meter.silence(port),
    ]);
    return {
      registrations: (registered.outcomes.registered ?? 0) / registered.seconds,
      tail: answers.p99,
      late: silence - registrationTimeout,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const children = [this.#gate, this.#attacker, this.#meter];
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  }
}
