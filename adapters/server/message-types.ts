/** The types of a service's messages: declared as types, or by schemas. */
import type { WireMessage } from '../../machines/registration/chart/messages.js';
import type { StandardSchema } from '../runtime/standard-schema.js';
import type { ClientRequest } from './reply.js';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * The declaration of one message. `attributes` are those of the message without `messageName` and `referenceId`, `ack` those of the
 * EventAck that answers it.
 */
export interface DeclaredMessage {
  readonly attributes: object;
  readonly ack?: object;
}

/** Messages without a declaration: any names with any attributes. */
export type UndeclaredMessages = Readonly<Record<string, { readonly attributes: Attributes }>>;

/** The schema of one message: of its attributes, or of its attributes and of those of its EventAck. */
export type MessageSchema<In = unknown, Out = unknown, AckIn = unknown, AckOut = unknown> =
  | StandardSchema<In, Out>
  | {
      readonly attributes: StandardSchema<In, Out>;
      /** It must be synchronous. */
      readonly ack?: StandardSchema<AckIn, AckOut>;
    };

/** The schemas of messages, by name. */
export type MessageSchemas = Readonly<Record<string, MessageSchema>>;

type TypesOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>;

/** The messages that schemas declare. */
export type MessagesOf<Schemas extends MessageSchemas> = {
  readonly [Name in keyof Schemas]: Schemas[Name] extends StandardSchema
    ? { readonly attributes: TypesOf<Schemas[Name]>['output'] }
    : Schemas[Name] extends {
          readonly attributes: infer In extends StandardSchema;
          readonly ack: infer Ack extends StandardSchema;
        }
      ? { readonly attributes: TypesOf<In>['output']; readonly ack: TypesOf<Ack>['input'] }
      : Schemas[Name] extends { readonly attributes: infer In extends StandardSchema }
        ? { readonly attributes: TypesOf<In>['output'] }
        : never;
};

/** A declared message as its handler gets it. */
export type MessageOf<Messages, Name extends keyof Messages> = Pick<WireMessage, 'referenceId'> & {
  readonly messageName: Name;
} & (Messages[Name] extends { readonly attributes: infer Given } ? Given : Attributes);

/** The attributes of the EventAck that answers a message. */
export type AckOf<Message> = Message extends { readonly ack: infer Ack } ? Ack : Attributes;

/** The handlers of messages, by name. Each may be async; what it returns is ignored. */
export type MessageHandlers<Messages, Data> = {
  readonly [Name in keyof Messages]?: (
    request: ClientRequest<Data, MessageOf<Messages, Name>, AckOf<Messages[Name]>>,
  ) => unknown;
};

/** The schemas that check declared messages. A message without one is not checked. */
export type SchemasFor<Messages> = {
  readonly [Name in keyof Messages]?: Messages[Name] extends { readonly attributes: infer Given }
    ? MessageSchema<unknown, Given, unknown, unknown>
    : MessageSchema;
};
