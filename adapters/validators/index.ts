/**
 * Ready-made validators. Custom validators are functions: see {@link Validator}.
 */

export { all } from './all.js';
export { type AllowList, type AllowListOptions, allowList } from './allow-list.js';
export { type CertificateNameOptions, certificateName } from './certificate-name.js';
export { permissive } from './permissive.js';
export { WebhookError, type WebhookOptions, type WebhookQuestion, webhook } from './webhook.js';
