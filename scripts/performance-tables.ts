import { code, table, withTables } from './readme-tables.js';

/** A median with its range. */
interface Spread {
  readonly median: number;
  readonly from: number;
  readonly to: number;
}

export interface ServerResults {
  readonly ixgate: string;
  readonly at: string;
  readonly machine: {
    readonly node: string;
    readonly system: string;
    readonly cpus: number;
    readonly model: string;
  };
  readonly rounds: number;
  readonly seconds: number;
  readonly results: readonly {
    readonly name: string;
    readonly version: string;
    readonly rate: Spread;
    readonly cpu: Spread | null;
    readonly rateOfEcho: number;
    readonly cpuOfEcho: number | null;
    readonly p50: number;
    readonly p99: number;
    readonly lost: number;
  }[];
  readonly crowded: readonly {
    readonly name: string;
    readonly inFlight: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
    readonly lost: number;
  }[];
  readonly held: readonly {
    readonly name: string;
    readonly held: number;
    readonly memory: number | null;
    readonly heap: number | null;
    readonly p50: number;
    readonly p99: number;
  }[];
}

export interface ToolResults {
  readonly rounds: number;
  readonly machine: { readonly node: string };
  readonly results: readonly {
    readonly name: string;
    readonly size: string;
    readonly done: number;
    readonly unit: string;
    readonly ms: Spread;
    readonly perSecond: number;
    readonly megabytes: number;
  }[];
}

/** docs/performance.md with its tables generated from the results of the bench. */
export function withPerformance(page: string, servers: ServerResults, tools: ToolResults): string {
  const named = new Map([
    ['machine', machineOf(servers)],
    ['rates', ratesTable(servers)],
    ['targets', targetsTable(servers)],
    ['crowds', crowdsTable(servers)],
    ['held', heldTable(servers)],
    ['tools', toolsTable(tools)],
  ]);
  return withTables(page, named, 'docs/performance.md');
}

/** README with the cost of a registration, as measured. */
export function withCost(readme: string, { results }: ServerResults): string {
  const cpuOf = (name: string) => {
    const { cpu } = results.find((one) => one.name === name) ?? {};
    if (!cpu) throw new Error(`bench/results/servers.json has no CPU of ${name}`);
    return Math.round(cpu.median);
  };
  const text = `A registration takes ${cpuOf('ixgate + page')} us of CPU in \`ixgate serve\` with its defaults, page included, and ${cpuOf('ixgate')} us with \`--admin off\`.
A gate written by hand without chart, limits and records takes ${cpuOf('hand-written gate')} us, \`ws\` alone ${cpuOf('ws')} us.
`;
  return withTables(readme, new Map([['cost', text]]), 'README.md');
}

const grouped = (number: number) => Math.round(number).toLocaleString('en-US');
const range = ({ median, from, to }: Spread) =>
  `${grouped(median)} (${grouped(from)} to ${grouped(to)})`;

function machineOf({ machine, rounds, seconds, at, ixgate }: ServerResults): string {
  const { node, system, cpus, model } = machine;
  return `Measured on ${at.slice(0, 10)} with ixgate ${ixgate}, Node ${node}, ${system}, ${cpus} cores (${model}): ${rounds} interleaved rounds of ${seconds} s, medians.`;
}

function ratesTable({ results }: ServerResults): string {
  return table(
    [
      '',
      'version',
      'registrations a second',
      'of the echo',
      'CPU, us',
      'of the echo',
      'p50, ms',
      'p99, ms',
    ],
    results.map((one) => [
      one.name,
      one.version,
      range(one.rate),
      one.rateOfEcho.toFixed(2),
      one.cpu ? one.cpu.median.toFixed(1) : '-',
      one.cpuOfEcho?.toFixed(2) ?? '-',
      one.p50.toFixed(1),
      one.p99.toFixed(1),
    ]),
  );
}

function crowdsTable({ crowded }: ServerResults): string {
  return table(
    ['', 'at once', 'p50, ms', 'p99, ms', 'slowest, ms', 'lost'],
    crowded.map(({ name, inFlight, p50, p99, max, lost }) => [
      name,
      grouped(inFlight),
      ...[p50, p99, max].map((ms) => ms.toFixed(0)),
      `${lost}`,
    ]),
  );
}

function heldTable({ held }: ServerResults): string {
  const counts = [...new Set(held.map((one) => one.held))];
  const names = [...new Set(held.map(({ name }) => name))];
  const of = (name: string, count: number) =>
    held.find((one) => one.name === name && one.held === count);
  const cell = (number: number | null | undefined, digits = 0) =>
    number === null || number === undefined
      ? '-'
      : digits
        ? number.toFixed(digits)
        : grouped(number);
  return table(
    [
      '',
      ...counts.map((count) => `bytes each of ${grouped(count)}`),
      'of that JavaScript',
      ...counts.map((count) => `p99, ms, beside ${grouped(count)}`),
    ],
    names.map((name) => [
      name,
      ...counts.map((count) => cell(of(name, count)?.memory)),
      cell(of(name, counts.at(-1) ?? 0)?.heap),
      ...counts.map((count) => cell(of(name, count)?.p99, 1)),
    ]),
  );
}

function toolsTable({ results }: ToolResults): string {
  return table(
    ['', 'of', 'done', 'took, ms', 'a second', 'memory, MB'],
    results.map(({ name, size, done, unit, ms, perSecond, megabytes }) => [
      code(name),
      size,
      `${grouped(done)} ${unit}`,
      range(ms),
      grouped(perSecond),
      grouped(megabytes),
    ]),
  );
}

/** The targets of issue 7, and the measured values. */
function targetsTable({ results, held, crowded }: ServerResults): string {
  const named = (name: string) => {
    const found = results.find((one) => one.name === name);
    if (!found) throw new Error(`${name} was not measured`);
    return found;
  };
  const rate = (one: string, other: string) => named(one).rate.median / named(other).rate.median;
  const cpu = (one: string, other: string) =>
    (named(one).cpu?.median ?? Number.NaN) / (named(other).cpu?.median ?? Number.NaN);
  const heldBy = (name: string, count: number) =>
    held.find((one) => one.name === name && one.held === count);
  const most = 15_000;
  const memory = (name: string) => heldBy(name, most)?.memory ?? Number.NaN;
  const p99 = (count: number) => heldBy('ixgate', count)?.p99 ?? Number.NaN;
  const slowest = Math.max(
    ...crowded.filter(({ name }) => name === 'ixgate').map(({ max }) => max),
  );
  const cost = (one: string, other: string) => 1 - rate(one, other);
  const atLeast = (figure: string, target: number, measured: number): string[] => [
    figure,
    `${target.toFixed(2)} or more`,
    measured.toFixed(2),
    measured >= target ? 'yes' : 'no',
  ];
  const atMost = (figure: string, target: number, measured: number): string[] => [
    figure,
    `${target.toFixed(2)} or less`,
    measured.toFixed(2),
    measured <= target ? 'yes' : 'no',
  ];
  const percent = (figure: string, target: number, measured: number): string[] => [
    figure,
    `${target} % or less`,
    `${(measured * 100).toFixed(0)} %`,
    measured * 100 <= target ? 'yes' : 'no',
  ];
  const counting = 'hand-written gate + addresses';
  const plain = 'hand-written gate';
  return table(
    ['figure', 'target', 'measured', 'met'],
    [
      atLeast('rate against the hand-written gate', 0.97, rate('ixgate', plain)),
      atMost('CPU against the hand-written gate', 1.03, cpu('ixgate', plain)),
      atLeast('rate against the one that counts addresses', 0.97, rate('ixgate', counting)),
      atMost('CPU against the one that counts addresses', 1.03, cpu('ixgate', counting)),
      atLeast('rate against the bare echo', 0.8, rate('ixgate', 'bare Node echo')),
      atMost('CPU against the bare echo', 1.25, cpu('ixgate', 'bare Node echo')),
      atMost('CPU against nats-server', 1, cpu('ixgate', 'nats-server')),
      atLeast('rate against ws', 1.7, rate('ixgate', 'ws')),
      atLeast('rate against engine.io', 2.1, rate('ixgate', 'engine.io')),
      atLeast('rate against socket.io', 2.6, rate('ixgate', 'socket.io')),
      atLeast('rate against aedes', 2.7, rate('ixgate', 'aedes')),
      [
        'bytes a held registered session',
        '4,500 or less',
        grouped(memory('ixgate')),
        memory('ixgate') <= 4_500 ? 'yes' : 'no',
      ],
      atMost('the same against the hand-written gate', 1.05, memory('ixgate') / memory(plain)),
      percent('cost of one viewer on the list', 5, cost('ixgate + page + viewer', 'ixgate + page')),
      percent('cost of recording', 15, cost('ixgate + recording', 'ixgate')),
      percent('cost of both', 20, cost('ixgate + page + recording + viewer', 'ixgate + page')),
      atMost('p99 beside 15,000 held against 1,000', 1.5, p99(most) / p99(1_000)),
      [
        'slowest of 256 and of 1,024 at once',
        'no second',
        `${slowest.toFixed(0)} ms`,
        slowest < 900 ? 'yes' : 'no',
      ],
    ],
  );
}

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly isOurs: boolean;
}

/** The drawings of docs/performance.md, by their file names. */
export function drawings({ results, held }: ServerResults): ReadonlyMap<string, string> {
  const most = Math.max(...held.map((one) => one.held));
  const isOurs = (name: string) => name.startsWith('ixgate');
  const shown = (name: string) => !/ \+ (tls|ws|page|recording|no )/.test(name);
  const cpu = results
    .filter(({ name }) => shown(name))
    .map(({ name, cpu }) => ({ name, value: cpu?.median ?? 0, isOurs: isOurs(name) }));
  const memory = held
    .filter((one) => one.held === most && shown(one.name))
    .map(({ name, memory }) => ({ name, value: memory ?? 0, isOurs: isOurs(name) }));
  return new Map([
    ['cpu.svg', barChart('Server CPU of a registration, in microseconds', cpu)],
    ['memory.svg', barChart(`Bytes of memory of a held connection, of ${grouped(most)}`, memory)],
  ]);
}

/** Horizontal bars, the shortest on top. */
function barChart(title: string, bars: readonly Bar[]): string {
  const sorted = bars.filter(({ value }) => value > 0).sort((a, b) => a.value - b.value);
  const [width, left, row, top] = [760, 230, 26, 48];
  const height = top + sorted.length * row + 12;
  const longest = Math.max(...sorted.map(({ value }) => value));
  const rows = sorted.map(({ name, value, isOurs }, at) => {
    const y = top + at * row;
    const length = Math.max(1, Math.round((value / longest) * (width - left - 90)));
    const colour = isOurs ? '#0b6bcb' : '#9aa5b1';
    const weight = isOurs ? ' font-weight="bold"' : '';
    return [
      `<text x="${left - 8}" y="${y + 15}" text-anchor="end"${weight}>${escaped(name)}</text>`,
      `<rect x="${left}" y="${y + 2}" width="${length}" height="${row - 8}" fill="${colour}"/>`,
      `<text x="${left + length + 6}" y="${y + 15}">${grouped(value)}</text>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13" fill="#1f2933" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="28" font-size="16" font-weight="bold">${escaped(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
