/** The limits on repeated lines in the log of a gate, which the log writer and the log reader share. */

/** Length of the window in which lines of one kind are counted, in milliseconds. */
export const windowMs = 10_000;
/** Maximum number of lines of one kind in a window. */
export const maxLines = 20;
/** Maximum number of kinds that are counted separately; further kinds share one count. A validator may invent codes. */
export const maxKinds = 256;
