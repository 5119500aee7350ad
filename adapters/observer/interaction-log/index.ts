export { type Aliases, type RecordMeaning, readAliases } from './aliases.js';
export { interactionServerFormat, outboundContactServerFormat } from './formats.js';
