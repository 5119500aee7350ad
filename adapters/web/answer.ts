import type { WebRequest } from './web-request.js';

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Whether its content security policy decides who may show it in a frame. @default false: no page may */
  readonly isFramable?: boolean;
}

/** An HTTP answer with the content of a file. */
export interface FileAnswer extends Omit<Answer, 'body'> {
  readonly body: FileBody;
}

/** Headers of every answer: pages of other origins must not frame it, load it or guess its type. */
export const guardHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** The headers that are sent with an answer, except its length. */
export function headersOf({
  headers,
  isFramable,
}: Pick<Answer, 'headers' | 'isFramable'>): Record<string, string> {
  const { 'x-frame-options': frameOptions, ...others } = guardHeaders;
  return {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    ...headers,
    ...others,
    ...(!isFramable && { 'x-frame-options': frameOptions }),
  };
}

/** The first `size` bytes of a file, read while they are written. */
export interface FileBody {
  readonly path: string;
  readonly size: number;
}

export function isFile(body: (Answer | FileAnswer)['body']): body is FileBody {
  return typeof body === 'object' && 'path' in body;
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

/** The path of a request, without query and fragment. */
export function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

/** Whether a browser requests a page. */
export function wantsPage({ headers }: WebRequest): boolean {
  return /\btext\/html\b/i.test(headers.accept ?? '');
}

/** The error for a method other than GET or HEAD; null for those. */
export function onlyReading(method: string | undefined): Answer | null {
  if (method === 'GET' || method === 'HEAD') return null;
  return errorAnswer(405, `the method is ${method}; allowed: GET, HEAD`, { allow: 'GET, HEAD' });
}
