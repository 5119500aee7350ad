/**
 * Opens all parts of something, or none.
 * @throws what `open` throws, after closing the parts that were already open.
 */
export async function opened<Whole extends { close(): Promise<void> }>(
  whole: Whole,
  open: () => Promise<unknown>,
): Promise<Whole> {
  try {
    await open();
    return whole;
  } catch (error) {
    await whole.close();
    throw error;
  }
}
