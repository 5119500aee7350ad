import type { Builder } from 'junit-report-builder';
import { visible } from '../../../machines/index.js';

/** An empty JUnit report. */
export async function junitReport(): Promise<Builder> {
  const { default: junit } = await import('junit-report-builder');
  // Its types have the builder in another place than it is.
  return (junit as unknown as Builder).newBuilder();
}

/** Text that somebody else chose, fit for XML: characters that it does not allow even escaped are taken out. */
export function inXml(text: string): string {
  return visible(text).replace(notXml, '?');
}

/** The same for text of several lines that has been made visible already. */
export function linesInXml(text: string): string {
  return text.replace(notXml, '?');
}

const notXml = /[\uFFFE\uFFFF]/g;
