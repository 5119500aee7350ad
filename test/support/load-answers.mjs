/**
 * Answers the process that started this one: `{id, ask, given}` in, `{id, answer}` or `{id, error}` out.
 * @param answers the functions that can be called, by name
 */
export function answer(answers) {
  process.on('message', async ({ id, ask, given }) => {
    try {
      process.send({ id, answer: (await answers[ask](given)) ?? null });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  // The parent has exited.
  process.on('disconnect', () => process.exit());
}
