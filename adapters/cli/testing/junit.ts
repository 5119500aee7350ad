import type { Builder } from 'junit-report-builder';
import { visible } from '../../../machines/text/format.js';

/** An empty JUnit report. */
export async function junitReport(): Promise<Builder> {
  const { default: junit } = await import('junit-report-builder');
  // Its types declare the builder in another place.
  return (junit as unknown as Builder).newBuilder();
}

/** Escapes foreign text for XML, and replaces characters that XML forbids even when escaped. */
export function inXml(text: string): string {
  return visible(text).replace(notXml, '?');
}

/** The same for text of several lines that is escaped already. */
export function linesInXml(text: string): string {
  return text.replace(notXml, '?');
}

const notXml = /[\uFFFE\uFFFF]/g;
