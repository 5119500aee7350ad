/** The table of commands. A command is loaded only when it runs, so that each of them starts fast. */
import type { Command } from 'commander';
import type { CommandContext } from './context.js';

/** Adds arguments, options and the action to a command that has its name and description. */
export type AddCommand = (command: Command, context: CommandContext) => void;

/** A row of the table: what `ixgate --help` shows without loading the command. */
export interface CommandRow {
  readonly name: string;
  /** Options and arguments as in the help. */
  readonly usage: string;
  readonly description: string;
  /** Whether the help leaves it out. */
  readonly hidden?: true;
  readonly load: () => Promise<AddCommand>;
}

/** In the order of the help. */
export const commands: readonly CommandRow[] = [
  {
    name: 'serve',
    usage: '[options]',
    description: 'run the gate',
    load: async () => (await import('./serve.js')).addServe,
  },
  {
    name: 'ctl',
    usage: '[options]',
    description: 'look at a running gate, and control it',
    load: async () => (await import('./ctl/ctl.js')).addCtl,
  },
  {
    name: 'config',
    usage: '[options]',
    description: 'print the configuration of the gate, and where each value comes from',
    load: async () => (await import('./config.js')).addConfig,
  },
  {
    name: 'doctor',
    usage: '[options]',
    description: 'check the configuration of the gate and this machine, and tell what to fix',
    load: async () => (await import('./doctor.js')).addDoctor,
  },
  {
    name: 'register',
    usage: '[options] <endpoint...>',
    description: 'connect, register, print the answer and its time, and disconnect',
    load: async () => (await import('./register.js')).addRegister,
  },
  {
    name: 'send',
    usage: '[options] <endpoint> [message]',
    description: 'register, send a message or several, print the answers, and close',
    load: async () => (await import('./send.js')).addSend,
  },
  {
    name: 'figures',
    usage: '',
    description: 'list, show and play the documented figures',
    load: async () => (await import('./testing/figures.js')).addFigures,
  },
  {
    name: 'check',
    usage: '[options]',
    description: 'prove the chart: properties that hold in every session of a server and a client',
    load: async () => (await import('./testing/check.js')).addCheck,
  },
  {
    name: 'generate',
    usage: '[options]',
    description: 'generate a suite of tests from the chart',
    load: async () => (await import('./testing/generate.js')).addGenerate,
  },
  {
    name: 'conform',
    usage: '[options] <endpoint>',
    description: 'play a suite of tests from the chart against a live server',
    load: async () => (await import('./testing/conform.js')).addConform,
  },
  {
    name: 'conform-client',
    usage: '[options] [command...]',
    description: 'listen, play the server to the client that connects, and judge the client',
    load: async () => (await import('./testing/conform-client.js')).addConformClient,
  },
  {
    name: 'learn',
    usage: '[options] [endpoint]',
    description:
      'learn the machine of a server with its clocks, and where it differs from the figure',
    load: async () => (await import('./learning/learn.js')).addLearn,
  },
  {
    name: 'diff',
    usage: '[options] <a> <b>',
    description: 'compare two learned machines, each difference with a shortest session',
    load: async () => (await import('./learning/diff.js')).addDiff,
  },
  {
    name: 'mutate',
    usage: '[options]',
    description: 'measure suites: how many mutants of the chart each of them kills',
    load: async () => (await import('./testing/mutate.js')).addMutate,
  },
  {
    name: 'coverage',
    usage: '[options] <file...>',
    description: 'show how much of the chart recordings and coverage files cover',
    load: async () => (await import('./testing/coverage.js')).addCoverage,
  },
  {
    name: 'analyze',
    usage: '[options] <file...>',
    description: 'analyze logs: what happened on each connection, and why',
    load: async () => (await import('./analyze/analyze.js')).addAnalyze,
  },
  {
    name: 'inspect',
    usage: '[arguments...]',
    description: '',
    hidden: true,
    load: async () => (await import('./analyze/renamed.js')).addInspect,
  },
  {
    name: 'check-history',
    usage: '[options] <dir>',
    description: 'check the recordings of a cluster: no name was held twice',
    load: async () => (await import('./check-history/check-history.js')).addCheckHistory,
  },
  {
    name: 'tap',
    usage: '[options]',
    description: 'forward traffic between clients and a server, and show it',
    load: async () => (await import('./tap/tap.js')).addTap,
  },
  {
    name: 'viz',
    usage: '[options] [file...]',
    description:
      'serve the page without a gate: recordings, coverages, the figures and the simulator',
    load: async () => (await import('./viz.js')).addViz,
  },
  {
    name: 'inspector',
    usage: '[options]',
    description: 'watch the actors of apps that use XState 5',
    load: async () => (await import('./inspector.js')).addInspector,
  },
  {
    name: 'report',
    usage: '[options] <file>',
    description: 'write one session of a recording as one HTML file that opens from disk',
    load: async () => (await import('./report.js')).addReport,
  },
  {
    name: 'completion',
    usage: '<shell>',
    description: 'print the completion script for a shell: bash, zsh or fish',
    load: async () => (await import('./completion/completion.js')).addCompletion,
  },
];
