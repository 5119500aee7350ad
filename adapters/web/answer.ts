import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is answered, as it goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}

/** An error as JSON. */
export function errorAnswer(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { error: { status, message } }, headers);
}

export function plainText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** The path of a request, without what follows `?`. */
export function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

/** Whether a browser asks, for a page to show. */
export function wantsPage({ headers }: IncomingMessage): boolean {
  return /\btext\/html\b/i.test(headers.accept ?? '');
}

/** The answer to whoever does more than read; null for who only reads. */
export function onlyReading(method: string | undefined): Answer | null {
  if (method === 'GET' || method === 'HEAD') return null;
  return errorAnswer(405, `the method is ${method}; allowed: GET, HEAD`, { allow: 'GET, HEAD' });
}

export function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}
