import { fileURLToPath } from 'node:url';
import {
  type Client,
  loadPackageDefinition,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { echoContract } from '../fixtures/echo.js';
import * as grpcTools from '../fixtures/generated/grpc-tools.js';
import { Message as GrpcToolsMessage } from '../fixtures/generated/grpc-tools-pb.js';
import type { ProtoGrpcType } from '../fixtures/generated/proto-loader/stub.js';
import type { StubServiceClient } from '../fixtures/generated/proto-loader/stub/v1/StubService.js';
import { stub as protocGenTs } from '../fixtures/generated/protoc-gen-ts.js';
import * as tsProto from '../fixtures/generated/ts-proto.js';
import type { GrpcContract } from './contract.js';
import { createGrpcClient, type GrpcClientOptions } from './grpc-client.js';
import type { GrpcStub } from './stub-types.js';

const protoPath = fileURLToPath(new URL('../../../src/grpc/fixtures/generated/stub.proto', import.meta.url));
const packageDefinition = loadSync(protoPath);
const loaded = loadPackageDefinition(packageDefinition) as unknown as ProtoGrpcType;
const contract: GrpcContract<StubServiceClient> = {
  service: 'stub',
  package: 'stub.v1',
  grpcService: 'StubService',
  protoPath,
};
const target = 'static:///127.0.0.1:1';

type Unary = ServerUnaryCall<tsProto.Message, tsProto.Reply>;
let server: Server;
let port: number;
/** How often `get` fails before it answers. */
let failures = 0;
const clients: { close(): void }[] = [];

beforeEach(async () => {
  failures = 0;
  server = new Server();
  server.addService(tsProto.StubServiceService, {
    get: ({ request }: Unary, callback: sendUnaryData<tsProto.Reply>) =>
      failures-- > 0 ? callback({ code: 14, details: 'fails' }) : callback(null, request),
    add: ({ request }: Unary, callback: sendUnaryData<tsProto.Reply>) =>
      failures-- > 0 ? callback({ code: 14, details: 'fails' }) : callback(null, request),
    watch(call: ServerWritableStream<tsProto.Message, tsProto.Reply>) {
      for (const text of call.request.text) call.write({ text });
      call.end();
    },
    collect(
      call: ServerReadableStream<tsProto.Message, tsProto.Reply>,
      callback: sendUnaryData<tsProto.Reply>,
    ) {
      let texts = '';
      call.on('data', ({ text }: tsProto.Message) => (texts += text));
      call.on('end', () => callback(null, { text: texts }));
    },
    chat(call: ServerDuplexStream<tsProto.Message, tsProto.Reply>) {
      call.on('data', (message: tsProto.Message) => call.write(message));
      call.on('end', () => call.end());
    },
  });
  port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
});
afterEach(() => {
  for (const each of clients.splice(0)) each.close();
  server.forceShutdown();
});

function client<Stub extends GrpcStub>(stub: Stub, options: Omit<GrpcClientOptions<Stub>, 'target'>) {
  const created = createGrpcClient(stub, {
    ...options,
    target: `static:///127.0.0.1:${port}`,
  } as unknown as GrpcClientOptions<Stub>);
  clients.push(created);
  return created;
}

async function collect<Reply>(replies: AsyncIterable<Reply>, textOf: (reply: Reply) => string | undefined) {
  const texts: (string | undefined)[] = [];
  for await (const reply of replies) texts.push(textOf(reply));
  return texts;
}

describe('all four kinds of calls with', () => {
  const plain: readonly [string, () => ReturnType<typeof client<GrpcContract<StubServiceClient>>>][] = [
    ['a contract', () => client(contract, {})],
    ['a constructor of proto-loader', () => client(loaded.stub.v1.StubService, {})],
  ];
  it.each(plain)('%s', async (_, create) => {
    const stub = create();
    expect(await stub.get({ text: 'a' })).toEqual({ text: 'a' });
    expect(await stub.collect([{ text: 'a' }, { text: 'b' }])).toEqual({ text: 'ab' });
    expect(await collect(stub.watch({ text: 'ab' }), ({ text }) => text)).toEqual(['a', 'b']);
    expect(await collect(stub.chat([{ text: 'a' }, { text: 'b' }]), ({ text }) => text)).toEqual(['a', 'b']);
  });

  it.each([
    ['the definition of ts-proto', () => client(tsProto.StubServiceService, { idempotentMethods: ['get'] })],
    ['the constructor of ts-proto', () => client(tsProto.StubServiceClient, { idempotentMethods: ['get'] })],
  ])('%s', async (_, create) => {
    const stub = create();
    expect(await stub.get({ text: 'a' })).toEqual({ text: 'a' });
    expect(await stub.collect([{ text: 'a' }, { text: 'b' }])).toEqual({ text: 'ab' });
    expect(await collect(stub.watch({ text: 'ab' }), ({ text }) => text)).toEqual(['a', 'b']);
    expect(await collect(stub.chat([{ text: 'a' }, { text: 'b' }]), ({ text }) => text)).toEqual(['a', 'b']);
  });

  it.each([
    ['the definition of grpc-tools', () => client(grpcTools.StubServiceService, { idempotentMethods: [] })],
    ['the class of grpc-tools', () => client(grpcTools.StubServiceClient, { idempotentMethods: [] })],
  ])('%s', async (_, create) => {
    const stub = create();
    const message = (text: string) => new GrpcToolsMessage().setText(text);
    expect((await stub.get(message('a'))).getText()).toBe('a');
    expect((await stub.collect([message('a'), message('b')])).getText()).toBe('ab');
    expect(await collect(stub.watch(message('ab')), (reply) => reply.getText())).toEqual(['a', 'b']);
    expect(await collect(stub.chat([message('a')]), (reply) => reply.getText())).toEqual(['a']);
  });

  it('the class of protoc-gen-ts', async () => {
    const { Message, StubServiceClient } = protocGenTs.v1;
    const stub = client(StubServiceClient, { idempotentMethods: ['get'] });
    expect((await stub.get(new Message({ text: 'a' }))).text).toBe('a');
    expect((await stub.collect([new Message({ text: 'a' })])).text).toBe('a');
    expect(await collect(stub.watch(new Message({ text: 'ab' })), ({ text }) => text)).toEqual(['a', 'b']);
    expect(await collect(stub.chat([new Message({ text: 'a' })]), ({ text }) => text)).toEqual(['a']);
  });
});

describe('a method is retried', () => {
  it('if the proto says that it is idempotent, and the stub carries that', async () => {
    failures = 1;
    expect(await client(loaded.stub.v1.StubService, {}).get({ text: 'a' })).toEqual({ text: 'a' });
    failures = 1;
    await expect(client(contract, {}).add({ text: 'a' })).rejects.toMatchObject({ details: 'fails' });
  });

  it('if it is one of idempotentMethods, also if the proto does not say so', async () => {
    failures = 1;
    const stub = client(tsProto.StubServiceService, { idempotentMethods: ['get'] });
    expect(await stub.get({ text: 'a' })).toEqual({ text: 'a' });
    failures = 1;
    await expect(stub.add({ text: 'a' })).rejects.toMatchObject({ details: 'fails' });
    const other = client(contract, { idempotentMethods: ['add'] });
    for (const method of ['get', 'add'] as const) {
      failures = 1;
      expect(await other[method]({ text: 'a' })).toEqual({ text: 'a' });
    }
  });

  it('not if idempotentMethods is empty', async () => {
    failures = 1;
    const stub = client(tsProto.StubServiceService, { idempotentMethods: [] });
    await expect(stub.get({ text: 'a' })).rejects.toMatchObject({ details: 'fails' });
  });
});

describe('a stub that does not say which methods are idempotent', () => {
  it.each<[string, GrpcStub]>([
    ['a definition of ts-proto', tsProto.StubServiceService],
    ['a class of grpc-tools', grpcTools.StubServiceClient],
    ['a class of protoc-gen-ts', protocGenTs.v1.StubServiceClient],
  ])('asks for the list at run time: %s', (_, stub) => {
    expect(() => createGrpcClient(stub, { target })).toThrow(
      'INVALID_OPTION: the stub of stub.v1.StubService does not say which methods are idempotent: set idempotentMethods to the names of those that may be retried (of get, add), or to [] for none',
    );
  });

  it('asks for it in its types', () => {
    type Given<Stub> = GrpcClientOptions<Stub>['idempotentMethods' & keyof GrpcClientOptions<Stub>];
    type List = readonly ('get' | 'add')[];
    expectTypeOf<Given<typeof tsProto.StubServiceService>>().toEqualTypeOf<List>();
    expectTypeOf<Given<typeof tsProto.StubServiceClient>>().toEqualTypeOf<List>();
    expectTypeOf<Given<typeof grpcTools.StubServiceService>>().toEqualTypeOf<List>();
    expectTypeOf<Given<typeof grpcTools.StubServiceClient>>().toEqualTypeOf<List>();
    expectTypeOf<Given<typeof protocGenTs.v1.StubServiceClient>>().toEqualTypeOf<List>();
    // @ts-expect-error the list is missing
    expect(() => createGrpcClient(tsProto.StubServiceService, { target })).toThrow(/idempotentMethods/);
    // @ts-expect-error only unary methods are retried
    expect(() => client(tsProto.StubServiceService, { idempotentMethods: ['watch'] })).toThrow(/"watch"/);
    // @ts-expect-error a method that the service does not have
    expect(() => client(tsProto.StubServiceService, { idempotentMethods: ['got'] })).toThrow(/"got"/);
  });

  it('in contrast to those of proto-loader, whose types make it optional', () => {
    type Given<Stub> = Required<GrpcClientOptions<Stub>>['idempotentMethods' & keyof GrpcClientOptions<Stub>];
    type Constructor = ProtoGrpcType['stub']['v1']['StubService'];
    expectTypeOf<Given<Constructor>>().toEqualTypeOf<readonly ('get' | 'add')[]>();
    expectTypeOf<{ target: string }>().toExtend<GrpcClientOptions<Constructor>>();
    expectTypeOf<{ target: string }>().toExtend<GrpcClientOptions<typeof contract>>();
    expectTypeOf<{ target: string }>().toExtend<GrpcClientOptions<GrpcContract>>();
    expectTypeOf<{ target: string }>().toExtend<GrpcClientOptions<ServiceClientConstructor>>();
    expectTypeOf<{ target: string }>().not.toExtend<GrpcClientOptions<typeof grpcTools.StubServiceClient>>();
  });
});

it.each([
  [
    'get',
    'watch',
    /^INVALID_OPTION: invalid idempotentMethods "watch": only unary calls are retried; choose from get, add$/,
  ],
  [
    'get',
    'Get',
    /^INVALID_OPTION: invalid idempotentMethods "Get": there is no such method; choose from get, add$/,
  ],
])('idempotentMethods [%s, %s] is rejected', (first, second, error) => {
  const stub: GrpcStub = tsProto.StubServiceService;
  expect(() => createGrpcClient(stub, { target, idempotentMethods: [first, second] })).toThrow(error);
});

it.each<[string, unknown, RegExp]>([
  [
    'undefined',
    undefined,
    /^INVALID_OPTION: invalid stub undefined: use a GrpcContract, the service definition/,
  ],
  ['the definition of a package', packageDefinition, /^INVALID_OPTION: invalid stub .*of one service/],
  ['the namespace of a package', loaded.stub.v1, /^INVALID_OPTION: invalid stub .*of one service/],
  ['a definition without methods', {}, /^INVALID_OPTION: invalid stub \{\}/],
  ['a class that is no client', class Other {}, /^INVALID_OPTION: invalid stub "Other"/],
])('%s is no stub', (_, stub, error) => {
  expect(() => createGrpcClient(stub as GrpcStub, { target })).toThrow(error);
});

it('a service with a method Close is rejected, since clients have that method', () => {
  const { get } = tsProto.StubServiceService;
  const definition: ServiceDefinition = { Close: { ...get, path: '/stub.v1.StubService/Close' } };
  expect(() => createGrpcClient(definition, { target, idempotentMethods: [] })).toThrow(
    /^INVALID_OPTION: \/stub\.v1\.StubService\/Close has the name of a method that every client has/,
  );
});

it('a contract is typed by its client, and may have none', () => {
  const { client: _, ...untyped } = { ...echoContract, client: undefined as Client | undefined };
  const created = createGrpcClient(untyped, { target });
  expect(created).toHaveProperty('get');
  created.close();
});
