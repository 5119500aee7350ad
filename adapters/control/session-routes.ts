import { longestStayAway } from '../../machines/registration/chart/supervisor-rules.js';
import type { SessionView } from '../server/index.js';
import { maxReason } from '../server/kick.js';
import type { Kicked, SessionList, Unreachable } from './answers.js';
import { count, optional, several, text, time, timeOrForever } from './arguments.js';
import { looked, settled } from './cluster.js';
import { kickAll } from './kicks.js';
import { type LiveSession, liveSession, sessionsWhere, where } from './live-sessions.js';
import { ControlProblem } from './problem.js';
import { type Controlled, gateRoute } from './route.js';
import {
  countSchema,
  kickedSchema,
  listOf,
  object,
  sessionSchema,
  unreachableSchema,
} from './schemas.js';
import type { ServiceControl } from './service-control.js';

/** The allowed times of a ban. */
export const banTimes = { min: '1s', max: '24d' };
/** Most sessions of a list that is asked for with a limit. */
const maxLimit = 100_000;

const kickArguments = {
  reason: optional(text('text for the client and the log', maxReason)),
  retryAfter: optional(
    time('time that the client stays away; without it the client does not come back by itself', {
      min: '1ms',
      max: `${longestStayAway / 86_400_000}d`,
    }),
  ),
  ban: optional(timeOrForever('time for which the address of the client is banned', banTimes)),
};

const unknownSession = { 404: 'the session is unknown or over' };

interface KickValues {
  readonly reason: string | undefined;
  readonly retryAfter: number | undefined;
  readonly ban: number | null | undefined;
}

export const sessionRoutes = [
  gateRoute('GET /sessions', 'sessions', {
    about: 'The sessions, oldest first, in JSON.',
    args: {
      where: several(where, false),
      limit: optional(count('maximum number of sessions in the list', 1, maxLimit)),
    },
    answer: object({ count: countSchema, sessions: listOf(sessionSchema) }, unreachableSchema),
    async run({ gate, args }): Promise<SessionList> {
      const unreachable = await looked(gate);
      const sessions = await sessionsWhere(gate, args.where);
      return { count: sessions.length, sessions: sessions.slice(0, args.limit), ...unreachable };
    },
  }),
  gateRoute('DELETE /sessions', 'kick', {
    about: 'Kicks the clients of all sessions for which the conditions hold.',
    args: { where: several(where, true), ...kickArguments },
    answer: kickedSchema,
    problems: { 409: 'the gate has the maximum number of bans' },
    async run(call) {
      const unreachable = await looked(call.gate);
      return kick(call, await sessionsWhere(call.gate, call.args.where), call.args, unreachable);
    },
  }),
  gateRoute('GET /sessions/{id}', 'show', {
    about: 'One session.',
    answer: sessionSchema,
    problems: unknownSession,
    run: async (call) => liveSession((await sessionOf(call)).info()),
  }),
  gateRoute('DELETE /sessions/{id}', 'kick', {
    about: 'Kicks the client of one session.',
    args: kickArguments,
    answer: kickedSchema,
    problems: { ...unknownSession, 409: 'the gate has the maximum number of bans' },
    async run(call) {
      const session = await sessionOf(call);
      return kick(call, [liveSession(session.info())], call.args, {});
    },
  }),
];

/** @throws {ControlProblem} 404 */
async function sessionOf({ gate, id }: Controlled & { readonly id: string }): Promise<SessionView> {
  const own = gate.session(id);
  if (own?.info().node === gate.directory?.node && own) return own;
  const { unreachable = [] } = await looked(gate);
  const session = gate.session(id);
  if (session) return session;
  const silent = unreachable.length === 0 ? '' : `; no answer from ${unreachable.join(', ')}`;
  throw new ControlProblem(404, `unknown session ${JSON.stringify(id.slice(0, 64))}${silent}`);
}

/** Bans first: a kicked client that comes back at once must find the ban. */
async function kick(
  { gate, service }: Controlled,
  sessions: readonly LiveSession[],
  { reason, retryAfter, ban }: KickValues,
  unreachable: Unreachable,
): Promise<Kicked> {
  const banned = ban === undefined ? [] : banAddresses(service, sessions, ban);
  const ids = await kickAll(
    gate,
    sessions.map(({ id }) => id),
    { reason, retryAfter },
  );
  return { kicked: ids.length, ids, banned, ...(await settled(gate, unreachable)) };
}

/** @throws {ControlProblem} where the gate has no bans */
function banAddresses(
  service: ServiceControl | null,
  sessions: readonly LiveSession[],
  ban: number | null,
): string[] {
  if (!service) throw new ControlProblem(400, 'this gate has no bans; leave out ban');
  // Peers of unix sockets have no address.
  const addresses = new Set(sessions.map(({ remoteAddress }) => remoteAddress));
  addresses.delete('unix');
  addresses.delete('');
  return [...addresses].map((one) => service.ban(one, ban).source);
}
