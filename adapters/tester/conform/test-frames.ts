/** The bytes that the tester sends for each input of a case. */
import type { WireMessage } from '../../../machines/registration/chart/messages.js';
import {
  type FigureClient,
  type FigureClients,
  figureClients,
} from '../../../machines/registration/figures/play.js';
import type { ServerInput } from '../../../machines/registration/sut/inputs.js';
import type { Framing } from '../../net/wire/index.js';

/** The message of an input of kind `message`. */
export function messageFor(
  input: ServerInput,
  referenceId: number,
  { valid, invalid }: FigureClients = figureClients,
): WireMessage {
  const request = (client: FigureClient | Record<string, unknown>) => ({
    ...client,
    messageName: 'RequestRegisterClient',
    referenceId,
  });
  switch (input) {
    case 'register':
      return request(valid);
    case 'register-invalid':
      return request(invalid);
    case 'register-malformed':
      return request({ ...valid, clientName: 17 });
    case 'event-ack':
      return { messageName: 'EventAck', referenceId };
    default:
      return { messageName: 'RequestAgentLogin', referenceId };
  }
}

export interface InvalidFrame {
  readonly bytes: Uint8Array;
  /** Why it is invalid, in words. */
  readonly description: string;
}

/**
 * The invalid frame of an input of kind `frame`.
 * @param longestFrame maximum frame size of the server in bytes; the frame that is too long exceeds it by one.
 */
export function frameFor(input: ServerInput, framing: Framing, longestFrame: number): InvalidFrame {
  const end = framing === 'stream' ? '\n' : '';
  const frame = (text: string, description: string) => ({
    bytes: Buffer.from(`${text}${end}`),
    description,
  });
  switch (input) {
    case 'not-json':
      return frame('{"messageName":', 'not JSON');
    case 'no-name':
      // It has no reference id: an echoed id would look like the answer to another message.
      return frame('{"clientName":"nameless"}', 'no messageName');
    default: {
      const message = (padding: string) =>
        `{"messageName":"RequestAgentLogin","text":"${padding}"}`;
      const padding = 'x'.repeat(Math.max(0, longestFrame + 1 - message('').length));
      return frame(message(padding), `${longestFrame + 1} bytes`);
    }
  }
}
