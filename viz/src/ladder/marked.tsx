import type { ReactNode } from 'react';
import { piecesOf } from './find.js';

/** A text with its matches marked. It is isolated, so that it cannot change the direction of the text around it. */
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
