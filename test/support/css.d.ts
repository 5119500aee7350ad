/** Tests render parts of the page to text, without styles. */
declare module '*.css';
