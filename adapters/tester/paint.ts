/** Colours, for instance picocolors' `createColors(enabled)`. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
}

const plain = (text: string) => text;
export const noPaint: Paint = { bold: plain, dim: plain, green: plain, red: plain };
