/** Servers that answer more often than they were asked, and what `ixgate conform` says about each; and servers that only look like them. */
import type { Socket } from 'node:net';
import type { CaseDifferenceCode } from '../../../../adapters/tester/index.js';
import { PlainSession, type Said } from './plain-server.js';
import { ChattyService, MuteService } from './wrong-sessions.js';

/** Sends something beside its answer to a valid registration. */
abstract class Grants extends PlainSession {
  override grant(message: Said) {
    super.grant(message);
    this.granted(message);
  }

  abstract granted(message: Said): void;

  ack(referenceId: unknown) {
    this.say({ messageName: 'EventAck', referenceId });
  }
}

export class AcknowledgesTwice extends Grants {
  granted({ referenceId }: Said) {
    this.ack(referenceId);
  }
}

class AcknowledgesAgainLater extends Grants {
  granted({ referenceId }: Said) {
    setTimeout(() => this.ack(referenceId), 50);
  }
}

class AcknowledgesThenRefuses extends Grants {
  granted(message: Said) {
    this.fail(message, 2);
  }
}

class AcknowledgesTheRefusedTwice extends Grants {
  granted({ referenceId }: Said) {
    if (this.isRefused) this.ack(referenceId);
  }
}

class AcknowledgesANumberNeverSent extends Grants {
  granted() {
    this.ack(99);
  }
}

class RefusesText extends Grants {
  granted({ referenceId }: Said) {
    const error = { messageName: 'EventError', errorCode: 2, errorDescription: 'no' };
    this.say({ ...error, referenceId: String(referenceId) });
  }
}

class AcknowledgesAgainWithoutId extends Grants {
  granted() {
    this.ack(undefined);
  }
}

/** Refuses the second registration of a registered client twice. */
class RefusesTheRegisteredTwice extends PlainSession {
  override fail(message: Said, code: number) {
    super.fail(message, code);
    if (code === 4) super.fail(message, code);
  }
}

/** Repeats its last answer when the registered client sends something else. */
class RepeatsItsLastAnswer extends PlainSession {
  #last: Said | undefined;

  override heard(message: Said) {
    if (this.isRegistered && this.#last)
      this.say({ messageName: 'EventAck', referenceId: this.#last.referenceId });
    this.#last = message;
    super.heard(message);
  }
}

/** Reports an invalid frame under the reference id of the last request. */
class BlamesTheLastRequest extends PlainSession {
  #last: Said = {};

  override heard(message: Said) {
    this.#last = message;
    super.heard(message);
  }

  override heardNothing() {
    this.fail(this.#last, 5);
    this.hangUp();
  }
}

class BlamesARequestNeverSent extends PlainSession {
  override heardNothing() {
    this.fail({ referenceId: 99 }, 5);
    this.hangUp();
  }
}

/** Acknowledges the second registration under another reference id. */
class AcknowledgesTheRegisteredElsewhere extends PlainSession {
  override fail(message: Said, code: number) {
    if (code === 4) this.say({ messageName: 'EventAck', referenceId: 99 });
    else super.fail(message, code);
  }
}

/** A service that answers each message of a registered client twice. */
class ServesTwice extends PlainSession {
  override heard(message: Said) {
    const { messageName, referenceId } = message;
    const isServed = this.isRegistered && messageName !== 'RequestRegisterClient';
    super.heard(message);
    if (isServed) this.say({ messageName: 'EventAck', referenceId });
  }
}

export interface SecondAnswer {
  readonly Session: new (socket: Socket) => PlainSession;
  readonly code: CaseDifferenceCode;
  readonly sentence: RegExp;
  /** Whether a figure shows the request that is answered again. */
  readonly documented: boolean;
}

const registration = 'RequestRegisterClient \\(reference id \\d+\\)';
const twice = (request: string, second: string) =>
  new RegExp(`^The server answered ${request} twice: ${second} came after the answer\\.$`);

function found(
  Session: SecondAnswer['Session'],
  code: CaseDifferenceCode,
  documented: boolean,
  sentence: RegExp,
): SecondAnswer {
  return { Session, code, documented, sentence };
}

/** Each must be found, though the answers of the service are unknown. */
export const secondAnswers: Record<string, SecondAnswer> = {
  'acknowledges a registration twice': found(
    AcknowledgesTwice,
    'answered-twice',
    true,
    twice(registration, 'EventAck'),
  ),
  'acknowledges a registration again after 50 ms': found(
    AcknowledgesAgainLater,
    'answered-twice',
    true,
    twice(registration, 'EventAck'),
  ),
  'acknowledges a registration, then refuses it': found(
    AcknowledgesThenRefuses,
    'answered-twice',
    true,
    twice(registration, 'EventError'),
  ),
  'acknowledges twice after an earlier refusal only': found(
    AcknowledgesTheRefusedTwice,
    'answered-twice',
    false,
    twice(registration, 'EventAck'),
  ),
  'refuses the second registration of a registered client twice': found(
    RefusesTheRegisteredTwice,
    'answered-twice',
    false,
    twice(registration, 'EventError'),
  ),
  'repeats its last answer with the next one': found(
    RepeatsItsLastAnswer,
    'answered-twice',
    true,
    twice('\\S+ \\(reference id \\d+\\)', 'EventAck'),
  ),
  'acknowledges a request that was never sent': found(
    AcknowledgesANumberNeverSent,
    'unsolicited-message',
    false,
    /^The server sent EventAck in answer to request 99, which was not sent\.$/,
  ),
  'refuses a request under its reference id as text': found(
    RefusesText,
    'unsolicited-message',
    false,
    /^The server sent EventError in answer to request "\d+", which was not sent, error code 2: "no"\.$/,
  ),
  'acknowledges again, without a reference id': found(
    AcknowledgesAgainWithoutId,
    'unsolicited-message',
    false,
    /^The server sent EventAck without a reference id, after every request was answered\.$/,
  ),
  'reports an invalid frame under the last reference id': found(
    BlamesTheLastRequest,
    'answered-twice',
    true,
    twice('RequestAgentLogin \\(reference id \\d+\\)', 'EventError'),
  ),
  'reports an invalid frame under a reference id that was never sent': found(
    BlamesARequestNeverSent,
    'unsolicited-message',
    false,
    /^The server sent EventError in answer to request 99, which was not sent, error code 5: "no"\.$/,
  ),
  'acknowledges a second registration under another reference id': found(
    AcknowledgesTheRegisteredElsewhere,
    'unsolicited-message',
    false,
    /^The server sent EventAck in answer to request 99, which was not sent\.$/,
  ),
  'has a service that answers twice': found(
    ServesTwice,
    'answered-twice',
    false,
    twice('\\S+ \\(reference id \\d+\\)', 'EventAck'),
  ),
};

/** Answers each message of a registered client after the ones that follow it. */
class LateService extends PlainSession {
  override heard(message: Said) {
    const { messageName, referenceId } = message;
    if (!this.isRegistered || messageName === 'RequestRegisterClient') return super.heard(message);
    setTimeout(() => this.say({ messageName: 'EventAck', referenceId }), 60);
  }
}

/** Answers a registered client without a reference id. */
class ServesWithoutId extends PlainSession {
  override heard(message: Said) {
    if (!this.isRegistered || message.messageName === 'RequestRegisterClient') super.heard(message);
    else this.say({ messageName: 'EventAck' });
  }
}

/** Sends messages that answer nothing, in one write: another event under the id of the request, and an EventError without an id. */
class Notifies extends PlainSession {
  override grant(message: Said) {
    const { referenceId } = message;
    this.socket.cork();
    super.grant(message);
    this.say({ messageName: 'EventLoggedIn', referenceId });
    this.say({ messageName: 'EventLoggedIn', referenceId });
    this.fail({}, 9);
    this.socket.uncork();
  }
}

/** Each must pass while the answers of the service are unknown: one answer to a request, at any time, and messages that answer none. */
export const rightServices: Record<string, SecondAnswer['Session']> = {
  'answers once': PlainSession,
  'never answers': MuteService,
  'answers late': LateService,
  'answers without a reference id': ServesWithoutId,
  'sends events after its answers': ChattyService,
  'sends events and errors that answer no request': Notifies,
};
