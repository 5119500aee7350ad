/** How much a gate's log has of what strangers can cause: whoever writes it keeps to this, and whoever reads it must know it. */

/** Milliseconds in which lines of one kind are counted. */
export const windowMs = 10_000;
/** Lines of one kind that are written in that time. */
export const maxLines = 20;
/** Kinds that are told apart; more are one kind. Kinds are ours, but a validator may invent codes. */
export const maxKinds = 256;
