import type { ReactNode } from 'react';
import { piecesOf } from './find.js';

/** A text with what is looked for marked in it. It is isolated: nothing in it turns the direction of what stands around it. */
export function Marked({
  text,
  find,
}: {
  readonly text: string;
  readonly find: string;
}): ReactNode {
  let at = 0;
  return (
    <bdi>
      {piecesOf(text, find).map((piece) => {
        const key = at;
        at += piece.text.length;
        return piece.hit ? <mark key={key}>{piece.text}</mark> : piece.text;
      })}
    </bdi>
  );
}
