import type { FigureId } from '../../../machines/registration/chart/registration.js';
import type { DisconnectReason } from '../../../machines/registration/chart/seat.js';
import type { ObservedSession } from '../../../machines/registration/observer/observed-session.js';
import type { Inference, MissingReason } from '../../../machines/registration/session/marks.js';
import {
  type SessionVerdict,
  verdictWords,
} from '../../../machines/registration/session/verdict.js';
import { duration } from '../../../machines/text/format.js';
import type { Log } from '../../observer/index.js';
import { timeText } from '../../runtime/times.js';

/** A session as `--json` writes it and `--where` tests it: flat, so that each key is one field. */
export interface SessionFields {
  readonly session: string;
  readonly client: string;
  readonly clientType: string | null;
  readonly mediaType: string | null;
  readonly proxy: string | null;
  readonly proxyClientId: number | null;
  readonly verdict: SessionVerdict;
  /** The verdict in words. */
  readonly words: string;
  readonly figure: FigureId | null;
  /** In the time of the log, e.g. `2026-03-02T08:00:01.100`; UTC where the log has no zone. */
  readonly start: string;
  /** Null while the session is open. */
  readonly end: string | null;
  /** The same as `start`, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds to its last line. */
  readonly elapsed: number;
  /** Milliseconds. */
  readonly answeredAfter: number | null;
  readonly registeredAfter: number | null;
  readonly registrationDeadline: number | null;
  readonly rejectionDeadline: number | null;
  readonly reason: DisconnectReason | null;
  /** How it ended, in words. */
  readonly ended: string;
  readonly errors: number;
  readonly error: { readonly code: number | null; readonly text: string } | null;
  readonly missing: MissingReason | null;
  readonly inferred: readonly Inference[];
  /** Number of findings. */
  readonly findings: number;
  readonly steps: number;
  readonly server: string;
  readonly format: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly lastFile: string | null;
  readonly lastLine: number | null;
}

/** The end of a session, short enough for a table. */
const endings: Readonly<Record<DisconnectReason, string>> = {
  'registration-timeout': 'registration deadline',
  'rejection-timeout': 'rejection deadline',
  'peer-closed': 'the client closed',
  'server-closed': 'the server closed',
  'client-closed': 'the client closed',
  'protocol-error': 'an invalid frame',
  'transport-error': 'the connection broke',
  'handshake-failed': 'never set up',
  'connect-failed': 'not reachable',
  'reply-timeout': 'no answer in time',
  'slow-reader': 'did not read',
  'too-many-errors': 'refused too often',
  replaced: 'replaced by another',
  revoked: 'no longer valid',
  kicked: 'kicked by an operator',
  'directory-lost': 'the directory was lost',
  drained: 'the server shut down',
};
export const stillOpen = 'still open';

export const endingOf = (reason: DisconnectReason | null): string =>
  reason === null ? stillOpen : endings[reason];

export function sessionFields(
  { summary, ...session }: ObservedSession,
  { server, format }: Log,
): SessionFields {
  return {
    session: summary.session,
    client: session.client,
    clientType: summary.clientType,
    mediaType: summary.mediaType,
    proxy: session.proxy,
    proxyClientId: summary.proxyClientId,
    verdict: summary.verdict,
    words: verdictWords(summary),
    figure: summary.figure,
    start: timeText(summary.startedAt, 'T'),
    end: summary.reason === null ? null : timeText(summary.lastAt, 'T'),
    startedAt: summary.startedAt,
    elapsed: summary.elapsed,
    answeredAfter: session.answeredAfter,
    registeredAfter: summary.registeredAfter,
    registrationDeadline: session.registrationDeadline,
    rejectionDeadline: session.rejectionDeadline,
    reason: summary.reason,
    ended: endingOf(summary.reason),
    errors: summary.errors,
    error: summary.error,
    missing: summary.missing,
    inferred: session.inferred,
    findings: session.findings,
    steps: summary.steps,
    server,
    format: format.id,
    file: session.first?.file ?? null,
    line: session.first?.line ?? null,
    lastFile: session.last?.file ?? null,
    lastLine: session.last?.line ?? null,
  };
}

/** A duration, or a dash for null. */
export const durationOrDash = (milliseconds: number | null): string =>
  milliseconds === null ? '-' : duration(milliseconds);
