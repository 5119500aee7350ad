/** Calls a function for each item, for at most 64 at the same time. @returns the results in the order of the items */
export async function inParallel<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const work = async () => {
    for (const [at, item] of rest) results[at] = await call(item);
  };
  await Promise.all(Array.from({ length: Math.min(64, items.length) }, work));
  return results;
}
