import { access, constants } from 'node:fs/promises';

const flags = { r: constants.R_OK, w: constants.W_OK, x: constants.X_OK } as const;

/** Whether this process may read (`r`), write (`w`) and enter (`x`) a path. */
export async function mayUse(path: string, how: 'r' | 'w' | 'wx' | 'rx'): Promise<boolean> {
  const wanted = [...how].reduce((sum, letter) => sum | flags[letter as 'r' | 'w' | 'x'], 0);
  return access(path, wanted).then(
    () => true,
    () => false,
  );
}
