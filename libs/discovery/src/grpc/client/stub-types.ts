import type {
  Client,
  ClientDuplexStream,
  ClientReadableStream,
  ClientUnaryCall,
  ClientWritableStream,
  connectivityState,
  ServiceDefinition,
} from '@grpc/grpc-js';
import type { CallOptions, Requests } from './call-options.js';
import type { GrpcContract } from './contract.js';

/** A client class of a generator, or what `loadPackageDefinition` has for a service. */
export type GrpcClientConstructor<C extends Client = Client> = new (...args: never) => C;

/**
 * Describes a gRPC service: a contract, whose proto is loaded at run time; a service definition of grpc-js; or a generated
 * client constructor. Known are those of proto-loader, ts-proto (`outputServices=grpc-js`), grpc-tools with
 * grpc_tools_node_protoc_ts, and protoc-gen-ts.
 */
export type GrpcStub = GrpcContract | GrpcClientConstructor | ServiceDefinition;

/**
 * The client of a service, by its {@link GrpcStub} or its generated client type. Method names are in camel case. A method returns a
 * promise of its response, or an async iterable of a stream of responses; a stream of requests is an iterable.
 */
export type GrpcClient<Stub> = {
  readonly [Name in keyof Methods<Stub>]: ClientMethod<Methods<Stub>[Name]>;
} & {
  /** Closes the channel. Calls in flight run to their end. */
  close(): void;
  /** Whether an instance is connected (READY). `tryToConnect` connects a channel that has made no call yet. */
  getConnectivityState(tryToConnect: boolean): connectivityState;
};

/** A method: its kind, request and response. */
export interface Method<Kind, Request, Response> {
  readonly kind: Kind;
  readonly request: Request;
  readonly response: Response;
}

type ClientMethod<M> =
  M extends Method<'unary', infer Request, infer Response>
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : M extends Method<'client stream', infer Request, infer Response>
      ? (requests: Requests<Request>, options?: CallOptions) => Promise<Response>
      : M extends Method<'server stream', infer Request, infer Response>
        ? (request: Request, options?: CallOptions) => AsyncIterableIterator<Response>
        : M extends Method<'bidirectional stream', infer Request, infer Response>
          ? (requests: Requests<Request>, options?: CallOptions) => AsyncIterableIterator<Response>
          : // Shown by the compiler where the method is called.
            'the type of this definition does not say which methods stream: use the generated client constructor';

/** The methods of a stub or of a generated client type, by their names in camel case. */
export type Methods<Stub> = Stub extends Client
  ? MethodsOfClient<Stub>
  : Stub extends GrpcClientConstructor<infer C>
    ? MethodsOfClient<C>
    : Stub extends { readonly protoPath: string; readonly client?: infer C }
      ? MethodsOfClient<NonNullable<C>>
      : MethodsOfDefinition<Stub>;

type MethodsOfClient<C> = {
  [
    Name in keyof C as C[Name] extends AnyFunction ? MethodName<Exclude<Name, keyof Client>, C> : never
  ]: MethodOf<C[Name]>;
};

type MethodsOfDefinition<D> = { [Name in keyof D as MethodName<Name, D>]: MethodOfDefinition<D[Name]> };

/** Camel case; `never` for an index signature, and for a name in camel case that is there with a capital too. */
type MethodName<Name, Members> = string extends Name
  ? never
  : Name extends Capitalize<string & Name>
    ? Uncapitalize<string & Name>
    : Capitalize<string & Name> extends KnownKey<Members>
      ? never
      : Name & string;

/** Without index signatures. */
export type KnownKey<T> = keyof T &
  keyof { [Key in keyof T as string extends Key ? never : number extends Key ? never : Key]: T[Key] };

type AnyFunction = (...args: never) => unknown;

// A stream has all properties of a unary call, so unary methods come last.
type MethodOf<M> = M extends (...args: never) => ClientDuplexStream<infer Request, infer Response>
  ? Method<'bidirectional stream', Request, Response>
  : M extends (...args: never) => ClientWritableStream<infer Request>
    ? Method<'client stream', Request, ResponseOf<M>>
    : M extends (...args: never) => ClientReadableStream<infer Response>
      ? Method<'server stream', RequestOf<M>, Response>
      : M extends (...args: never) => ClientUnaryCall
        ? Method<'unary', RequestOf<M>, ResponseOf<M>>
        : never;

// TypeScript infers from the last overload, which has all arguments or only the necessary ones, depending on the generator.
type RequestOf<M> = M extends (request: infer Request, ...rest: never) => unknown ? Request : never;
type ResponseOf<M> = M extends (...args: infer Args) => unknown
  ? Args extends readonly [...unknown[], (error: never, response: infer Response) => void]
    ? Exclude<Response, undefined>
    : never
  : never;

type MethodOfDefinition<D> = D extends {
  readonly requestStream: infer RequestStream;
  readonly responseStream: infer ResponseStream;
  readonly requestSerialize: (request: infer Request) => unknown;
  readonly responseDeserialize: (bytes: never) => infer Response;
}
  ? Method<KindOf<RequestStream, ResponseStream>, Request, Response>
  : never;

type KindOf<RequestStream, ResponseStream> = boolean extends RequestStream
  ? 'unknown'
  : boolean extends ResponseStream
    ? 'unknown'
    : RequestStream extends true
      ? ResponseStream extends true
        ? 'bidirectional stream'
        : 'client stream'
      : ResponseStream extends true
        ? 'server stream'
        : 'unary';
