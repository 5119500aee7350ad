/** Clients of all kinds in a separate process, so that they do not share the gate's event loop. See load.ts. */
import { execFileSync } from 'node:child_process';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { answer } from './load-answers.mjs';
import { behaviours, Link } from './load-behaviours.mjs';

/** How many connections are opened concurrently where it does not matter. */
const opening = 128;

/** The address at an offset from the first, as a string. */
function addressAt(first, offset) {
  const number = first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
}

function sourceOf({ first, addresses = 1, each = 1 }, number) {
  return addressAt(first, Math.floor(number / each) % addresses);
}

/** Median, 99th percentile and the longest of some times, in milliseconds. */
function summary(times) {
  if (times.length === 0) return null;
  times.sort((one, other) => one - other);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  return { median: at(0.5), p99: at(0.99), max: times.at(-1) };
}

async function run({ behaviour, port, sources, atOnce, count, milliseconds, pause, ...given }) {
  const most = count ?? Number.POSITIVE_INFINITY;
  const start = performance.now();
  const until = start + (milliseconds ?? Number.POSITIVE_INFINITY);
  const outcomes = {};
  const connected = [];
  const answered = [];
  let begun = 0;
  const one = async () => {
    while (begun < most && performance.now() < until) {
      const number = begun;
      begun += 1;
      const localAddress = sourceOf(sources, number);
      const came = await behaviours[behaviour]({ ...given, port, localAddress, number }).catch(
        ({ code, message }) => ({ outcome: code ?? message }),
      );
      outcomes[came.outcome] = (outcomes[came.outcome] ?? 0) + 1;
      if (came.connected !== undefined) connected.push(came.connected);
      if (came.answered !== undefined) answered.push(came.answered);
      if (pause !== undefined) await pauseFor(pause);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, most) }, one));
  const seconds = (performance.now() - start) / 1_000;
  const rate = begun / seconds;
  return { outcomes, seconds, rate, connected: summary(connected), answered: summary(answered) };
}

const held = new Set();
const timers = [];

/** Opens connections that send nothing, or one byte every `drip` milliseconds. */
async function hold({ port, count, sources, drip, halfOpen }) {
  let begun = 0;
  const failed = {};
  const one = async () => {
    while (begun < count) {
      const number = begun;
      begun += 1;
      try {
        const link = await Link.open({ port, localAddress: sourceOf(sources, number), halfOpen });
        held.add(link);
        void link.closed.then(() => held.delete(link));
        if (drip === undefined) continue;
        const text = '{"messageName": "RequestAnything", "text": "';
        let at = 0;
        const timer = setInterval(() => {
          if (link.over) clearInterval(timer);
          else link.say(text[at++] ?? '.');
        }, drip);
        timers.push(timer);
      } catch ({ code, message }) {
        failed[code ?? message] = (failed[code ?? message] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(opening, count) }, one));
  return { failed };
}

/** One registered client that sends its next request after each answer. */
async function ask({ port, milliseconds, name = 'patient' }) {
  const link = await Link.open({ port });
  const said = (message) => link.say(`${JSON.stringify(message)}\n`);
  said({
    messageName: 'RequestRegisterClient',
    referenceId: 1,
    clientName: name,
    clientType: 'AgentApplication',
  });
  const first = await link.next();
  if (first?.messageName !== 'EventAck')
    throw new Error(`not registered but ${JSON.stringify(first)}`);
  const times = [];
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    const start = performance.now();
    said({ messageName: 'RequestAnything', referenceId: 2 });
    const answer = await link.next();
    if (answer?.messageName !== 'EventAck')
      throw new Error(`not answered but ${JSON.stringify(answer)}`);
    times.push(performance.now() - start);
    await pauseFor(1);
  }
  await link.leave();
  return summary(times);
}

/** Milliseconds until the gate disconnected a silent client. */
async function silence({ port }) {
  const link = await Link.open({ port });
  await link.next();
  const lasted = performance.now() - link.opened;
  await link.leave();
  return lasted;
}

answer({
  /** The maximum number of sockets of this process. */
  files: () => Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()),
  run,
  hold,
  ask,
  silence,
  /** Open connections that the gate has not closed. */
  held: () => [...held].filter((link) => !link.over).length,
  async release() {
    for (const timer of timers.splice(0)) clearInterval(timer);
    await Promise.all([...held].map((link) => link.reset()));
  },
});
process.send({ ready: true });
