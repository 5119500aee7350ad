/** Noughts and crosses: the whole game as a chart whose context decides. */
import { assign, setup } from 'xstate';

type Player = 'x' | 'o';
interface Context {
  board: readonly (Player | null)[];
  player: Player;
}

const lines = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
];
const won = (board: Context['board'], player: Player) =>
  lines.some((line) => line.every((cell) => board[cell] === player));

export const ticTacToe = setup({
  types: {
    context: {} as Context,
    events: {} as { type: 'PLAY'; cell: number } | { type: 'RESET' },
  },
  guards: {
    isFree: ({ context, event }) => event.type === 'PLAY' && context.board[event.cell] === null,
    hasWinner: ({ context }) => won(context.board, 'x') || won(context.board, 'o'),
    isFull: ({ context }) => context.board.every((cell) => cell !== null),
  },
  actions: {
    mark: assign(({ context, event }) => ({
      board: context.board.map((cell, at) =>
        event.type === 'PLAY' && at === event.cell ? context.player : cell,
      ),
      player: context.player === 'x' ? ('o' as const) : ('x' as const),
    })),
    clear: assign({ board: Array<null>(9).fill(null), player: 'x' as const }),
  },
}).createMachine({
  id: 'ticTacToe',
  context: { board: Array<null>(9).fill(null), player: 'x' },
  initial: 'playing',
  states: {
    playing: {
      always: [
        { guard: 'hasWinner', target: 'won' },
        { guard: 'isFull', target: 'drawn' },
      ],
      on: { PLAY: { guard: 'isFree', actions: 'mark' } },
    },
    won: { on: { RESET: { target: 'playing', actions: 'clear' } } },
    drawn: { on: { RESET: { target: 'playing', actions: 'clear' } } },
  },
});

const winners = (board: Context['board']) => (['x', 'o'] as const).filter((one) => won(board, one));

export const ixgate = {
  payloads: { PLAY: Array.from({ length: 9 }, (_, cell) => ({ cell })) },
  never: { 'two winners': ({ context }) => winners(context.board as Context['board']).length > 1 },
} satisfies import('ixgate/model').ChartOptions;
