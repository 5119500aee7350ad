/** Parts of the page are rendered to text in tests; their styles go nowhere. */
declare module '*.css';
