/**
 * Answers the process that started this one: `{id, ask, given}` in, `{id, answer}` or `{id, error}` out.
 * @param answers what can be asked, by name.
 */
export function answer(answers) {
  process.on('message', async ({ id, ask, given }) => {
    try {
      process.send({ id, answer: (await answers[ask](given)) ?? null });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  // Nobody is left to ask.
  process.on('disconnect', () => process.exit());
}
