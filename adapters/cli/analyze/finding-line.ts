import type { Finding } from '../../../machines/registration/session/findings.js';
import { visible } from '../../../machines/text/format.js';
import type { Output } from '../output.js';

/** A finding as one line without its end: place, code and sentence. */
export function findingLine(
  { file, line, code, sentence }: Finding,
  paint: Output['paint'],
): string {
  const place = file === null ? '-' : `${file}${line === null ? '' : `:${line}`}`;
  return `${visible(place)}  ${paint.bold(code)}  ${visible(sentence)}`;
}
