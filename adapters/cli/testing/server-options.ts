/** Options of commands that open many connections to a live server. */
import { Option } from 'commander';
import { durationOption, wholeNumberFrom } from '../client-options.js';

/** @param usual the default number */
export function connectionsOption(usual: number): Option {
  return new Option('--connections <number>', 'concurrent connections, 1 to 1000')
    .argParser(wholeNumberFrom('--connections', 1, 1_000))
    .default(usual);
}

export function measureForOption(): Option {
  return durationOption(
    '--measure-for <duration>',
    'maximum wait while a timeout is measured (1ms to 24d)',
  ).default(60_000, '60s');
}

export function longestFrameOption(): Option {
  return new Option('--longest-frame <bytes>', 'maximum frame size of the server, 64 to 16777216')
    .argParser(wholeNumberFrom('--longest-frame', 64, 16_777_216))
    .default(65_536);
}
