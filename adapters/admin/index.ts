/** What an operator may ask of a running gate, over HTTP: is it up, does it take clients, who is connected, what it counts. */
export { type Admin, type AdminOptions, createAdmin } from './admin.js';
