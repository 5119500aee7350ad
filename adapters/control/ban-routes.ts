import { SourceSet } from '../net/addresses/source-set.js';
import { address, count, optional, timeOrForever, yesNo } from './arguments.js';
import { looked, settled } from './cluster.js';
import { kickAll } from './kicks.js';
import { ControlProblem } from './problem.js';
import { serviceRoute } from './route.js';
import {
  banSchema,
  countSchema,
  listOf,
  object,
  penaltySchema,
  unreachableSchema,
} from './schemas.js';
import { banTimes } from './session-routes.js';

/** Time of a ban that is given none. */
const defaultBan = 3_600_000;
/** Most penalties of a list. */
export const maxPenalties = 100_000;
/** Most penalties of a list that names no limit. */
const defaultPenalties = 1_000;

const banned = address('address or block, e.g. 192.0.2.7 or 192.0.2.0/24', true);

export const banRoutes = [
  serviceRoute('GET /bans', 'bans', {
    about: 'The banned addresses and blocks, those that end first at the start.',
    answer: object({ count: countSchema, bans: listOf(banSchema) }),
    run(service) {
      const bans = service.bans();
      return { count: bans.length, bans };
    },
  }),
  serviceRoute('POST /bans', 'ban', {
    about:
      'Rejects new connections of an address or block. Its open connections stay unless kick is true. Bans end with the gate.',
    args: {
      address: banned,
      duration: optional(timeOrForever('time of the ban (default 1h)', banTimes)),
      kick: optional(yesNo('whether its clients are kicked, too (default false)')),
    },
    answer: object({ ban: banSchema, kicked: countSchema }, unreachableSchema),
    problems: { 409: 'the gate has the maximum number of bans' },
    async run(service, { gate, args }) {
      const { duration = defaultBan } = args;
      const ban = service.ban(args.address, duration);
      if (args.kick !== true) return { ban, kicked: 0, ...(await settled(gate)) };
      const unreachable = await looked(gate);
      const block = new SourceSet([args.address]);
      const sessions = gate.sessions().filter(({ remoteAddress }) => block.has(remoteAddress));
      const ids = sessions.map(({ id }) => id);
      const kicked = await kickAll(gate, ids, { reason: 'the address is banned' });
      return { ban, kicked: kicked.length, ...(await settled(gate, unreachable)) };
    },
  }),
  serviceRoute('DELETE /bans', 'unban', {
    about: 'Takes a ban back.',
    args: { address: banned },
    answer: object({ unbanned: { type: 'string' } }, unreachableSchema),
    problems: { 404: 'the address or block is not banned' },
    async run(service, { gate, args }) {
      const wasBanned = service.unban(args.address);
      const unreachable = await settled(gate);
      if (wasBanned) return { unbanned: args.address, ...unreachable };
      throw new ControlProblem(
        404,
        `${args.address} is not banned; ixgate ctl bans lists the bans`,
      );
    },
  }),
  serviceRoute('GET /penalties', 'penalties', {
    about:
      'Addresses with a penalty, the longest first. Connections are rejected where isEnforced is true.',
    args: {
      limit: optional(
        count(`maximum number in the list (default ${defaultPenalties})`, 1, maxPenalties),
      ),
    },
    answer: object({ count: countSchema, penalties: listOf(penaltySchema) }, unreachableSchema),
    async run(service, { gate, args: { limit = defaultPenalties } }) {
      const penalties = await service.penalties();
      const shown = penalties.slice(0, limit);
      return { count: penalties.length, penalties: shown, ...(await settled(gate)) };
    },
  }),
  serviceRoute('DELETE /penalties', 'clear-penalties', {
    about: 'Forgets the penalty of one address, or all penalties.',
    args: { address: optional(address('the address (default all)', false)) },
    answer: object({ cleared: countSchema }, unreachableSchema),
    async run(service, { gate, args }) {
      const cleared = await service.clearPenalties(args.address ?? null);
      return { cleared, ...(await settled(gate)) };
    },
  }),
];
