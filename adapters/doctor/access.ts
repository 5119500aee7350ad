import { access, constants } from 'node:fs/promises';

const flags = { r: constants.R_OK, w: constants.W_OK, x: constants.X_OK } as const;

/** Why this process may not read (`r`), write (`w`) and enter (`x`) a path; null when it may. */
export async function accessProblem(
  path: string,
  how: 'r' | 'w' | 'wx' | 'rx',
): Promise<string | null> {
  const wanted = [...how].reduce((sum, letter) => sum | flags[letter as 'r' | 'w' | 'x'], 0);
  return access(path, wanted).then(
    () => null,
    ({ code }: NodeJS.ErrnoException) =>
      code === 'EROFS' ? 'the file system is read-only' : 'permission denied',
  );
}
