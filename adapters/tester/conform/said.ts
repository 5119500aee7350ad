/** What the tester says for each input of a case. */
import {
  type FigureClient,
  type FigureClients,
  figureClients,
  type ServerInput,
  type WireMessage,
} from '../../../machines/index.js';
import type { Framing } from '../../net/wire/index.js';

/** The message of an input that is one. */
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

/** An invalid frame: its bytes, and what it is for people. */
export interface BrokenFrame {
  readonly bytes: Uint8Array;
  readonly what: string;
}

/**
 * The frame of an input that is not a message.
 * @param longestFrame bytes that the server takes; the frame that is too long is one longer.
 */
export function frameFor(input: ServerInput, framing: Framing, longestFrame: number): BrokenFrame {
  const end = framing === 'stream' ? '\n' : '';
  const frame = (text: string, what: string) => ({ bytes: Buffer.from(`${text}${end}`), what });
  switch (input) {
    case 'not-json':
      return frame('{"messageName":', 'not JSON');
    case 'no-name':
      // Without a reference id: a server that echoed one would seem to answer another message.
      return frame('{"clientName":"nobody"}', 'no messageName');
    default: {
      const message = (padding: string) =>
        `{"messageName":"RequestAgentLogin","text":"${padding}"}`;
      const padding = 'x'.repeat(Math.max(0, longestFrame + 1 - message('').length));
      return frame(message(padding), `${longestFrame + 1} bytes`);
    }
  }
}
