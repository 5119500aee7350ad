/** The mistakes: each is a small change of a correct server. */
import { PlainSession, type Said } from './plain-server.js';

export class ClosesAtOnce extends PlainSession {
  override connected() {
    this.hangUp();
  }
}

export class NeverCloses extends PlainSession {
  override expire() {}
}

export class NeverClosesTheRefused extends PlainSession {
  override restartClock() {
    this.stopClock();
  }
}

export class AcknowledgesEverybody extends PlainSession {
  override refuse(message: Said) {
    this.grant(message);
  }
}

export class AcknowledgesStrangers extends PlainSession {
  override heard(message: Said) {
    if (this.isRegistered || message.messageName === 'RequestRegisterClient') super.heard(message);
    else this.say({ messageName: 'EventAck', referenceId: message.referenceId });
  }
}

export class RestartsTheDeadline extends PlainSession {
  override refuse(message: Said, code: number) {
    this.isRefused = false;
    super.refuse(message, code);
  }
}

export class WrongReferenceId extends PlainSession {
  override grant(message: Said) {
    super.grant({ ...message, referenceId: (message.referenceId ?? 0) + 7 });
  }
}

export class AnswersTwice extends PlainSession {
  override fail(message: Said, code: number) {
    super.fail(message, code);
    super.fail(message, code);
  }
}

export class Silent extends PlainSession {
  override say() {}
}

export class RefusesEverybody extends PlainSession {
  override grant(message: Said) {
    this.refuse(message, 2);
  }
}

export class KeepsTheClockRunning extends PlainSession {
  override grant({ referenceId }: Said) {
    this.isRegistered = true;
    this.say({ messageName: 'EventAck', referenceId });
  }
}

export class NoSecondChance extends PlainSession {
  override grant(message: Said) {
    if (this.isRefused) this.fail(message, 2);
    else super.grant(message);
  }
}

export class LetsStrangersSpeak extends PlainSession {
  override heard(message: Said) {
    if (message.messageName === 'RequestRegisterClient' || this.isRegistered) super.heard(message);
  }
}

export class ClosesWithTheError extends PlainSession {
  override refuse(message: Said, code: number) {
    this.fail(message, code);
    this.hangUp();
  }
}

export class IgnoresBrokenFrames extends PlainSession {
  override heardNothing() {}
}

export class StaysAfterBrokenFrames extends PlainSession {
  override heardNothing() {
    this.fail({}, 5);
  }
}

export class ClosesWithoutAWord extends PlainSession {
  override heardNothing() {
    this.hangUp();
  }
}

export class Greets extends PlainSession {
  override connected() {
    super.connected();
    this.say({ messageName: 'EventGreeting', text: 'hello' });
  }
}

export class ErrorWithoutCode extends PlainSession {
  override fail({ referenceId }: Said) {
    this.say({ messageName: 'EventError', referenceId, errorDescription: 'no' });
  }
}

export class KeepsTheFirstDeadline extends PlainSession {
  override restartClock() {}
}

export class RegistersTwice extends PlainSession {
  override heard(message: Said) {
    if (this.isRegistered && message.messageName === 'RequestRegisterClient') this.grant(message);
    else super.heard(message);
  }
}

export class ClosesTheRegistered extends PlainSession {
  override grant(message: Said) {
    super.grant(message);
    this.hangUp();
  }
}

export class AnswersInAnotherTongue extends PlainSession {
  override grant() {
    this.socket.write('+OK registered\r\n');
  }
}

export class StrayAckStopsTheClock extends PlainSession {
  override heard(message: Said) {
    super.heard(message);
    if (message.messageName === 'EventAck') this.stopClock();
  }
}

/** Both deadlines run, and the first to expire counts. */
export class FirstDeadlineWins extends PlainSession {
  rejection: NodeJS.Timeout | undefined;

  override stopClock() {
    super.stopClock();
    clearTimeout(this.rejection);
  }

  override restartClock() {
    clearTimeout(this.rejection);
    this.rejection = setTimeout(() => this.expire(), this.deadlines.rejectionTimeout);
  }
}

export class FirstDeadlineWinsAndRestarts extends FirstDeadlineWins {
  override refuse(message: Said, code: number) {
    this.isRefused = false;
    super.refuse(message, code);
  }
}

/** Restarts its deadline with the second error, and not with the third. */
export class RestartsTheDeadlineOnce extends PlainSession {
  errors = 0;

  override refuse(message: Said, code: number) {
    this.errors += 1;
    if (this.errors <= 2) this.isRefused = false;
    super.refuse(message, code);
  }
}

/** Hangs up at the third error. */
export class HangsUpAtTheThirdError extends PlainSession {
  errors = 0;

  override refuse(message: Said, code: number) {
    super.refuse(message, code);
    this.errors += 1;
    if (this.errors === 3) this.hangUp();
  }
}

let connections = 0;

/** Restarts its deadline with each error, on every second connection. */
export class RestartsTheDeadlineSometimes extends PlainSession {
  readonly #restarts = (connections++ & 1) === 0;

  override refuse(message: Said, code: number) {
    if (this.#restarts) this.isRefused = false;
    super.refuse(message, code);
  }
}

/** Correct: a service without answers. */
export class MuteService extends PlainSession {
  override heard(message: Said) {
    if (!this.isRegistered || message.messageName === 'RequestRegisterClient') super.heard(message);
  }
}

/** Correct: a service that sends more messages than requested. */
export class ChattyService extends PlainSession {
  override heard(message: Said) {
    super.heard(message);
    if (this.isRegistered) this.say({ messageName: 'EventAgentLogin', agentId: 'x' });
  }
}

export class EndlessService extends PlainSession {
  override heard(message: Said) {
    super.heard(message);
    if (!this.isRegistered) return;
    for (let count = 0; count < 10_050; count += 1) this.say({ messageName: 'EventMore', count });
  }
}
