/**
 * Registered clients of a gate in NestJS: gateways and microservices.
 * @module ixgate/nestjs
 */
export { GateAdapter, GatewayClient, type GatewayOptions } from './gate-adapter.js';
export { GateContext, GateTransport } from './gate-transport.js';
