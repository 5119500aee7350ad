import { jsonProblem } from '../files/json-problem.js';
import type { WebRequest } from '../web/web-request.js';
import { badRequest, ControlProblem } from './problem.js';

/** Maximum size of a body in bytes. */
const maxBody = 65_536;
/** Bytes of a body that is too large that are read and thrown away; beyond it the connection is closed. */
const maxRead = 1_048_576;

/**
 * The JSON object in the body of a request; empty without a body.
 * @throws {ControlProblem} 413 for a body that is too large, 400 for one that is not a JSON object
 */
export async function readBody(request: WebRequest): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.byteLength;
    // Read to its end, or Node would close the connection instead of sending the answer.
    if (size <= maxBody) chunks.push(chunk);
    else if (size > maxRead) break;
  }
  if (size > maxBody) throw new ControlProblem(413, `the body is larger than ${maxBody} bytes`);
  const text = Buffer.concat(chunks).toString();
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${jsonProblem(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the body must be a JSON object with the arguments');
  }
  return value as Record<string, unknown>;
}

async function* bodyOf(request: WebRequest): AsyncGenerator<Uint8Array> {
  // A request of node:http is a stream.
  if (request.body !== undefined) yield* request.body;
  else if (Symbol.asyncIterator in request) yield* request as AsyncIterable<Uint8Array>;
}
