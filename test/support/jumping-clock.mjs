/**
 * Preload for a process whose wall clock is set while it runs: `node --import .../jumping-clock.mjs`. At each SIGUSR2 the clock jumps by
 * the next value of CLOCK_JUMPS in milliseconds (`3600000,-7200000`), and a line on stderr reports it. The monotonic clock and all timers
 * are unaffected, as when an administrator or NTP sets the time.
 */
const jumps = (process.env.CLOCK_JUMPS ?? '').split(',').map(Number);
const RealDate = Date;
let offset = 0;
const now = () => RealDate.now() + offset;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, made),
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});

process.on('SIGUSR2', () => {
  const jump = jumps.shift() ?? 0;
  offset += jump;
  process.stderr.write(`the clock has jumped by ${jump} ms\n`);
});
