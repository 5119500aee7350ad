import { otlpPackages } from '../../runtime/otlp-packages.js';
import { type Check, fail, ok, warn } from '../check.js';
import { findPackage, isInRange, packageOfIxgate } from '../packages.js';

/** The day after which a major version of Node gets no more fixes (nodejs.org/en/about/previous-releases). */
const ends: Readonly<Record<number, string>> = {
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
  25: '2026-06-01',
  26: '2029-04-30',
};

const minimum = [20, 19] as const;

/** The findings about a version of Node. @param now milliseconds since 1970 */
export function nodeFindings(version: string, now: number) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fix = 'install the newest even version of Node, 24 or later';
  if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
    return [fail(`Node ${version} is older than ${minimum.join('.')}, which ixgate needs`, fix)];
  }
  const end = ends[major];
  if (end === undefined) return [ok(`Node ${version}`)];
  if (now > Date.parse(end)) {
    return [warn(`Node ${version} gets no more security fixes since ${end}`, fix)];
  }
  return [ok(`Node ${version}, supported until ${end}`)];
}

export const node: Check = {
  id: 'node',
  title: 'Node.js',
  description: 'the version of Node is supported by ixgate and still gets fixes',
  run: () => nodeFindings(process.version, Date.now()),
};

export const packages: Check = {
  id: 'packages',
  title: 'Packages',
  description:
    'the version of ixgate, the packages that the configuration needs, and the versions of installed optional packages',
  async run({ loaded: { config } }) {
    const own = await packageOfIxgate();
    const needed = [
      ...['sonic-boom', 'pino-pretty'],
      ...(config.stately ? ['@statelyai/inspect'] : []),
      ...(config.otlp === undefined ? [] : Object.keys(otlpPackages)),
    ];
    const wanted = { ...own.optionalDependencies, ...own.peerDependencies };
    const found = await Promise.all(
      Object.entries(wanted).map(async ([name, range]) => {
        return { name, range, version: await findPackage(name) };
      }),
    );
    const versions = await Promise.all(needed.map(findPackage));
    const missing = needed.filter((_, index) => versions[index] === null);
    const wrong = found.filter(({ version, range }) => version && !isInRange(version, range));
    const installed = found
      .filter(({ version }) => version !== null)
      .map(({ name, version }) => `${name} ${version}`);
    return [
      ok([`ixgate ${own.version}`, ...installed].join(', ')),
      ...missing.map((name) => {
        const range = otlpPackages[name] ?? wanted[name];
        return fail(
          `${name} is not installed, which this configuration needs`,
          `npm install '${name}@${range}'`,
        );
      }),
      ...wrong.map(({ name, version, range }) =>
        warn(
          `${name} ${version} is installed; ixgate is tested with ${range}`,
          `npm install '${name}@${range}'`,
        ),
      ),
    ];
  },
};
