// Preloaded by a test: the process says, when it ends, how much memory it had at most.
process.on('exit', () => {
  process.stderr.write(`at most ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB\n`);
});
