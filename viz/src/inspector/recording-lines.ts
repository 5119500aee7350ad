/** A recording in a file, as texts of complete lines. */

/** Maximum characters of one line. A longer one is not of a recording. */
const longestLine = 67_108_864;

/** @throws {Error} when the file cannot be read, or has a line without an end */
export async function* recordingLines(file: Blob): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const text = rest + part.value;
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    if (rest.length > longestLine) {
      await reader.cancel();
      throw new Error('a line is too long');
    }
    if (end > 0) yield text.slice(0, end);
  }
  if (rest !== '') yield rest;
}
