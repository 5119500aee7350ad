/** Small drawings for buttons. Drawn here, because no font can be counted on to have them. */
const drawings = {
  first: 'M3 3v10M13 3 6 8l7 5',
  previous: 'M11 3 5 8l6 5',
  next: 'm5 3 6 5-6 5',
  last: 'M13 3v10M3 3l7 5-7 5',
  down: 'm4 6 4 4 4-4',
  ascending: 'M8 13V3M4 7l4-4 4 4',
  descending: 'M8 3v10M4 9l4 4 4-4',
  close: 'm4 4 8 8M12 4l-8 8',
} as const;

/** It says nothing to a screen reader; the button's label does. */
export function Icon({ name }: { readonly name: keyof typeof drawings }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path
        d={drawings[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
