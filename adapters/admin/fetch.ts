/** Requests and answers of the Fetch API. */
import { type Answer, headersOf } from '../web/answer.js';
import type { WebRequest } from '../web/web-request.js';

/** The headers and the peer of a Fetch request. @param peer the address of the client */
export function requestFrom(
  { method, headers, url, body }: Request,
  peer: { readonly remoteAddress?: string },
): WebRequest {
  return {
    method,
    headers: { host: new URL(url).host, ...Object.fromEntries(headers) },
    socket: peer,
    // The types of the DOM do not know that a stream can be iterated.
    ...(body && { body: body as unknown as AsyncIterable<Uint8Array> }),
  };
}

/** @param method of the request: HEAD gets no body. */
export function responseFrom(answer: Answer, method: string): Response {
  const { status, body } = answer;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const isEmpty = method === 'HEAD' || status === 204;
  return new Response(isEmpty ? null : new Uint8Array(bytes), {
    status,
    headers: { ...headersOf(answer), 'content-length': String(bytes.byteLength) },
  });
}
