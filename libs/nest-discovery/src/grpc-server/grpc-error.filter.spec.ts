import 'reflect-metadata';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  BadRequestException,
  type CanActivate,
  ConflictException,
  Controller,
  Get,
  HttpException,
  type INestApplicationContext,
  InternalServerErrorException,
  NotFoundException,
  UseGuards,
} from '@nestjs/common';
import {
  GrpcInternalException,
  GrpcMethod,
  GrpcNotFoundException,
  RpcException,
} from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DiscoveryError } from '@rollcall/discovery';
import type { GrpcClient } from '@rollcall/discovery/grpc';
import { concat, of, throwError, TimeoutError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createEchoClient,
  type EchoClient,
  echoServerOptions,
  freePort,
  type Message,
} from '../fixtures/echo.js';
import { GrpcErrorFilter } from './grpc-error.filter.js';
import { toGrpcStatus } from './grpc-status.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const upstream = (code: status, details = 'postgres://shop:secret@10.0.0.3') =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });

const secret = /secret|10\.0\.0/;

describe('toGrpcStatus', () => {
  it.each([
    ['a gRPC exception of Nest', new GrpcNotFoundException('no hp-aria'), 'NOT_FOUND', 'no hp-aria'],
    [
      'an RpcException with a code',
      new RpcException({ code: 9, message: 'not yet' }),
      'FAILED_PRECONDITION',
      'not yet',
    ],
    [
      'an RpcException that asks for UNKNOWN',
      new RpcException({ code: 2, message: 'who knows' }),
      'UNKNOWN',
      'who knows',
    ],
    ['an RpcException without a code', new RpcException('broken'), 'INTERNAL', 'broken'],
    [
      'a guard that returns false',
      new RpcException('Forbidden resource'),
      'PERMISSION_DENIED',
      'Forbidden resource',
    ],
    ['400', new BadRequestException('size is 0'), 'INVALID_ARGUMENT', 'size is 0'],
    [
      '400 of a ValidationPipe',
      new BadRequestException(['size is 0', 'no id']),
      'INVALID_ARGUMENT',
      'size is 0; no id',
    ],
    ['404', new NotFoundException('no hp-aria'), 'NOT_FOUND', 'no hp-aria'],
    ['409', new ConflictException('taken'), 'ALREADY_EXISTS', 'taken'],
    ['429', new HttpException('slowly', 429), 'RESOURCE_EXHAUSTED', 'slowly'],
    ['418', new HttpException('a teapot', 418), 'FAILED_PRECONDITION', 'a teapot'],
    ['500', new InternalServerErrorException('broken'), 'INTERNAL', 'broken'],
    ['503', new HttpException('full', 503), 'UNAVAILABLE', 'full'],
    ['504', new HttpException('late', 504), 'DEADLINE_EXCEEDED', 'late'],
    ['an unavailable upstream', upstream(status.UNAVAILABLE), 'UNAVAILABLE', undefined],
    [
      'an upstream that exceeds the deadline',
      upstream(status.DEADLINE_EXCEEDED),
      'DEADLINE_EXCEEDED',
      undefined,
    ],
    ['an upstream that shut down during the call', upstream(status.CANCELLED), 'UNAVAILABLE', undefined],
    ['an upstream that answers NOT_FOUND', upstream(status.NOT_FOUND), 'INTERNAL', undefined],
    ['an upstream that denies permission', upstream(status.PERMISSION_DENIED), 'INTERNAL', undefined],
    [
      'an unavailable registry',
      new DiscoveryError('REGISTRY_UNAVAILABLE', 'secret'),
      'UNAVAILABLE',
      undefined,
    ],
    ['a closed registry', new DiscoveryError('CLOSED', 'secret'), 'UNAVAILABLE', undefined],
    ['an invalid service name', new DiscoveryError('INVALID_INSTANCE', 'secret'), 'INTERNAL', undefined],
    ['an abort of its own', AbortSignal.abort().reason, 'DEADLINE_EXCEEDED', undefined],
    ['an rxjs timeout', new TimeoutError(), 'DEADLINE_EXCEEDED', undefined],
    ['a timeout signal', new DOMException('secret', 'TimeoutError'), 'DEADLINE_EXCEEDED', undefined],
    ['a bug', new TypeError('secret is not a function'), 'INTERNAL', undefined],
    [
      'a database error with a numeric code',
      Object.assign(new Error('secret'), { code: 13 }),
      'INTERNAL',
      undefined,
    ],
    ['a string', 'secret', 'INTERNAL', undefined],
    ['undefined', undefined, 'INTERNAL', undefined],
  ] as const)('maps %s to %3$s', (_, error, code, message) => {
    const result = toGrpcStatus(error, false);
    expect(status[result.code]).toBe(code);
    expect(result.message).toBe(message ?? result.message.replace(secret, 'a secret'));
  });

  it('maps CANCELLED of an upstream to CANCELLED if the caller has cancelled', () => {
    expect(toGrpcStatus(upstream(status.CANCELLED), true)).toMatchObject({
      code: status.CANCELLED,
      log: false,
    });
  });

  it('logs errors whose cause the caller does not get, and no others', () => {
    expect(toGrpcStatus(new GrpcNotFoundException(), false).log).toBe(false);
    expect(toGrpcStatus(new NotFoundException(), false).log).toBe(false);
    expect(toGrpcStatus(upstream(status.UNAVAILABLE), false).log).toBe(true);
    expect(toGrpcStatus(new Error('bug'), false).log).toBe(true);
  });
});

class DenyGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class FailingController {
  @GrpcMethod('EchoService', 'Get')
  get({ text }: Message): unknown {
    if (text === 'throws') throw new NotFoundException('gone');
    if (text === 'rejects') return Promise.reject(new NotFoundException('gone'));
    if (text === 'details') {
      const metadata = new Metadata();
      metadata.set('grpc-status-details-bin', Buffer.from('why'));
      throw new RpcException({ code: status.FAILED_PRECONDITION, message: 'no', metadata });
    }
    if (text === 'emits') return throwError(() => new NotFoundException('gone'));
    throw new TypeError('secret is not a function');
  }

  @UseGuards(DenyGuard)
  @GrpcMethod('EchoService', 'Add')
  add(message: Message): Message {
    return message;
  }

  @GrpcMethod('EchoService', 'Watch')
  watch({ text }: Message): unknown {
    if (text === 'throws') throw new GrpcInternalException('gone');
    return concat(
      of({ text: 'first' }),
      throwError(() => new NotFoundException('gone')),
    );
  }

  @Get('product')
  product(): never {
    throw new NotFoundException('gone');
  }
}

describe.each(['a pure microservice', 'a hybrid application'] as const)('%s', (kind) => {
  let app: INestApplicationContext;
  let echo: GrpcClient<EchoClient>;
  let http: NestFastifyApplication | undefined;

  beforeEach(async () => {
    const port = await freePort();
    const module = await Test.createTestingModule({ controllers: [FailingController] }).compile();
    if (kind === 'a pure microservice') {
      const service = module.createNestMicroservice({ ...echoServerOptions(port), logger: false });
      service.useGlobalFilters(new GrpcErrorFilter());
      await service.listen();
      app = service;
    } else {
      http = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
      http.useGlobalFilters(new GrpcErrorFilter(http.getHttpAdapter()));
      http.connectMicroservice(echoServerOptions(port), { inheritAppConfig: true });
      await http.init();
      await http.startAllMicroservices();
      app = http;
    }
    echo = createEchoClient(port);
  });
  afterEach(async () => {
    echo.close();
    await app.close();
    http = undefined;
  });

  it.each(['throws', 'rejects', 'emits'])('a handler that %s an exception returns its code', async (text) => {
    await expect(echo.get({ text })).rejects.toMatchObject({ code: status.NOT_FOUND, details: 'gone' });
  });

  it('the metadata of an RpcException reaches the caller as trailers', async () => {
    const error = (await echo.get({ text: 'details' }).catch((reason: unknown) => reason)) as ServiceError;
    expect(error.code).toBe(status.FAILED_PRECONDITION);
    expect(error.metadata.get('grpc-status-details-bin')).toEqual([Buffer.from('why')]);
  });

  it('an unexpected error is INTERNAL, without its message', async () => {
    await expect(echo.get({ text: 'bug' })).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.not.stringContaining('secret') as string,
    });
  });

  it('a guard that returns false is PERMISSION_DENIED', async () => {
    await expect(echo.add({ text: '' })).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });

  it('a stream that fails before or after its first message returns the code', async () => {
    const read = async (text: string) => {
      const messages: string[] = [];
      const reading = (async () => {
        for await (const message of echo.watch({ text })) messages.push(message.text);
      })();
      const error: unknown = await reading.catch((reason: unknown) => reason);
      return { messages, code: (error as { code?: number }).code };
    };
    expect(await read('emits')).toEqual({ messages: ['first'], code: status.NOT_FOUND });
    expect(await read('throws')).toEqual({ messages: [], code: status.INTERNAL });
  });

  it.runIf(kind === 'a hybrid application')('Nest handles errors of HTTP requests', async () => {
    const response = await http!.inject({ method: 'GET', url: '/product' });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ message: 'gone' });
  });
});
