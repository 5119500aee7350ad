/**
 * Opens something whole, or not at all.
 * @throws what `open` throws; what was open by then is closed again.
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
