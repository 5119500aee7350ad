import { SourceSet } from '../net/addresses/source-set.js';
import { address, count, optional, timeOrForever, yesNo } from './arguments.js';
import { kickAll } from './kicks.js';
import { ControlProblem } from './problem.js';
import { serviceRoute } from './route.js';
import { banSchema, countSchema, listOf, object, penaltySchema } from './schemas.js';
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
    answer: object({ ban: banSchema, kicked: countSchema }),
    problems: { 409: 'the gate has the maximum number of bans' },
    async run(service, { gate, args }) {
      const { duration = defaultBan } = args;
      const ban = service.ban(args.address, duration);
      if (args.kick !== true) return { ban, kicked: 0 };
      const block = new SourceSet([args.address]);
      const sessions = gate.sessions().filter(({ remoteAddress }) => block.has(remoteAddress));
      const ids = sessions.map(({ id }) => id);
      const kicked = await kickAll(gate, ids, { reason: 'the address is banned' });
      return { ban, kicked: kicked.length };
    },
  }),
  serviceRoute('DELETE /bans', 'unban', {
    about: 'Takes a ban back.',
    args: { address: banned },
    answer: object({ unbanned: { type: 'string' } }),
    problems: { 404: 'the address or block is not banned' },
    run(service, { args }) {
      if (service.unban(args.address)) return { unbanned: args.address };
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
    answer: object({ count: countSchema, penalties: listOf(penaltySchema) }),
    async run(service, { args: { limit = defaultPenalties } }) {
      const penalties = await service.penalties();
      return { count: penalties.length, penalties: penalties.slice(0, limit) };
    },
  }),
  serviceRoute('DELETE /penalties', 'clear-penalties', {
    about: 'Forgets the penalty of one address, or all penalties.',
    args: { address: optional(address('the address (default all)', false)) },
    answer: object({ cleared: countSchema }),
    async run(service, { args }) {
      return { cleared: await service.clearPenalties(args.address ?? null) };
    },
  }),
];
