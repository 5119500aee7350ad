export interface SubpathSize {
  readonly name: string;
  readonly files: number;
  readonly kB: number;
  readonly packages: readonly string[];
  readonly page: number | null;
}
export function builtPage(code: string): Promise<{
  readonly code: string;
  readonly gzip: number;
  readonly modules: readonly string[];
}>;
export function subpathSizes(): Promise<SubpathSize[]>;
export function tableIn(text: string): string;
