/**
 * The message of a `JSON.parse` error without the excerpt that V8 quotes: errors are logged, and the excerpt may contain a secret.
 * @param error the error that `JSON.parse` threw.
 */
export function jsonProblem(error: unknown): string {
  const { message } = error as Error;
  const [, token] = /^(Unexpected token .{1,4}), .*is not valid JSON$/su.exec(message) ?? [];
  return token ?? message.replace(/ (in JSON )?at position \d+.*$/s, '');
}
