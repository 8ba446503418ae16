import type { ServiceClientConstructor } from '@grpc/grpc-js';
import { describe, expectTypeOf, it } from 'vitest';
import type { EchoClient, Message as EchoMessage } from '../fixtures/echo.js';
import type * as grpcTools from '../fixtures/generated/grpc-tools.js';
import type * as grpcToolsMessages from '../fixtures/generated/grpc-tools-pb.js';
import type { ProtoGrpcType } from '../fixtures/generated/proto-loader/stub.js';
import type { Message, Message__Output } from '../fixtures/generated/proto-loader/stub/v1/Message.js';
import type { Reply__Output } from '../fixtures/generated/proto-loader/stub/v1/Reply.js';
import type {
  StubServiceClient,
  StubServiceDefinition,
} from '../fixtures/generated/proto-loader/stub/v1/StubService.js';
import type { stub as protocGenTs } from '../fixtures/generated/protoc-gen-ts.js';
import type * as tsProto from '../fixtures/generated/ts-proto.js';
import type { CallOptions, Requests } from './call-options.js';
import type { GrpcContract } from './contract.js';
import type { GrpcClient } from './stub-types.js';

/** What the client of fixtures/generated/stub.proto has, whatever it is made from. */
interface StubMethods<Request, Response> {
  readonly get: (request: Request, options?: CallOptions) => Promise<Response>;
  readonly add: (request: Request, options?: CallOptions) => Promise<Response>;
  readonly watch: (request: Request, options?: CallOptions) => AsyncIterableIterator<Response>;
  readonly collect: (requests: Requests<Request>, options?: CallOptions) => Promise<Response>;
  readonly chat: (requests: Requests<Request>, options?: CallOptions) => AsyncIterableIterator<Response>;
}

type MethodsOf<Client extends GrpcClient<unknown>> = Omit<Client, 'close' | 'getConnectivityState'>;

describe('all four kinds of methods are typed for', () => {
  it('the types of proto-loader', () => {
    type Expected = StubMethods<Message, Reply__Output>;
    expectTypeOf<MethodsOf<GrpcClient<StubServiceClient>>>().toEqualTypeOf<Expected>();
    expectTypeOf<MethodsOf<GrpcClient<GrpcContract<StubServiceClient>>>>().toEqualTypeOf<Expected>();
    type Constructor = ProtoGrpcType['stub']['v1']['StubService'];
    expectTypeOf<MethodsOf<GrpcClient<Constructor>>>().toEqualTypeOf<Expected>();
    // In contrast to what a server gets.
    expectTypeOf<Message__Output>().not.toEqualTypeOf<Message>();
  });

  it('the client, constructor and definition of ts-proto', () => {
    type Expected = StubMethods<tsProto.Message, tsProto.Reply>;
    expectTypeOf<MethodsOf<GrpcClient<tsProto.StubServiceClient>>>().toEqualTypeOf<Expected>();
    expectTypeOf<MethodsOf<GrpcClient<typeof tsProto.StubServiceClient>>>().toEqualTypeOf<Expected>();
    expectTypeOf<MethodsOf<GrpcClient<typeof tsProto.StubServiceService>>>().toEqualTypeOf<Expected>();
  });

  it('the client, class and definition of grpc-tools', () => {
    type Expected = StubMethods<grpcToolsMessages.Message, grpcToolsMessages.Reply>;
    expectTypeOf<MethodsOf<GrpcClient<grpcTools.StubServiceClient>>>().toEqualTypeOf<Expected>();
    expectTypeOf<MethodsOf<GrpcClient<typeof grpcTools.StubServiceClient>>>().toEqualTypeOf<Expected>();
    expectTypeOf<MethodsOf<GrpcClient<typeof grpcTools.StubServiceService>>>().toEqualTypeOf<Expected>();
  });

  it('the client and class of protoc-gen-ts', () => {
    type Expected = StubMethods<protocGenTs.v1.Message, protocGenTs.v1.Reply>;
    expectTypeOf<MethodsOf<GrpcClient<protocGenTs.v1.StubServiceClient>>>().toEqualTypeOf<Expected>();
    expectTypeOf<MethodsOf<GrpcClient<typeof protocGenTs.v1.StubServiceClient>>>().toEqualTypeOf<Expected>();
  });

  it('a client type with only the overloads that someone needs', () => {
    expectTypeOf<GrpcClient<EchoClient>['get']>().toEqualTypeOf<
      (request: EchoMessage, options?: CallOptions) => Promise<EchoMessage>
    >();
  });
});

it('a definition whose types do not say which methods stream asks for the constructor where it is called', () => {
  expectTypeOf<
    GrpcClient<StubServiceDefinition>['get']
  >().toExtend<`${string}use the generated client constructor`>();
  type Definition = typeof protocGenTs.v1.UnimplementedStubServiceService.definition;
  expectTypeOf<GrpcClient<Definition>['get']>().toExtend<`${string}use the generated client constructor`>();
});

it('a stub without types has no methods', () => {
  expectTypeOf<keyof GrpcClient<ServiceClientConstructor>>().toEqualTypeOf<
    'close' | 'getConnectivityState'
  >();
  expectTypeOf<keyof GrpcClient<GrpcContract>>().toEqualTypeOf<'close' | 'getConnectivityState'>();
});
