/**
 * What `JSON.parse` found wrong, without the piece of the text that V8 quotes: a secret may stand in it, and an error is logged.
 * @param error what it threw.
 */
export function jsonProblem(error: unknown): string {
  const { message } = error as Error;
  const [, token] = /^(Unexpected token .{1,4}), .*is not valid JSON$/su.exec(message) ?? [];
  return token ?? message.replace(/ (in JSON )?at position \d+.*$/s, '');
}
