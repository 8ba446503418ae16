import 'reflect-metadata';
import { Metadata, status } from '@grpc/grpc-js';
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
import { echoAt, type EchoClient, echoServer, freePort, type Message } from '../fixtures/echo.js';
import { GrpcErrorFilter } from './grpc-error.filter.js';
import { grpcAnswer } from './grpc-status.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const upstream = (code: status, details = 'postgres://shop:secret@10.0.0.3') =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });

const secret = /secret|10\.0\.0/;

describe('the code of an error', () => {
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
    ['an RpcException without one', new RpcException('broken'), 'INTERNAL', 'broken'],
    [
      'a guard that says no',
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
    ['another service that cannot be reached', upstream(status.UNAVAILABLE), 'UNAVAILABLE', undefined],
    ['another service that is late', upstream(status.DEADLINE_EXCEEDED), 'DEADLINE_EXCEEDED', undefined],
    ['another service that left in the middle', upstream(status.CANCELLED), 'UNAVAILABLE', undefined],
    [
      'another service that does not know what we asked for',
      upstream(status.NOT_FOUND),
      'INTERNAL',
      undefined,
    ],
    ['another service that does not let us', upstream(status.PERMISSION_DENIED), 'INTERNAL', undefined],
    [
      'a registry that is away',
      new DiscoveryError('REGISTRY_UNAVAILABLE', 'secret'),
      'UNAVAILABLE',
      undefined,
    ],
    ['a registry that was closed', new DiscoveryError('CLOSED', 'secret'), 'UNAVAILABLE', undefined],
    [
      'a service name that cannot be',
      new DiscoveryError('INVALID_INSTANCE', 'secret'),
      'INTERNAL',
      undefined,
    ],
    ['an abort', AbortSignal.abort().reason, 'CANCELLED', 'cancelled'],
    ['a timeout of rxjs', new TimeoutError(), 'DEADLINE_EXCEEDED', undefined],
    ['a timeout of a signal', new DOMException('secret', 'TimeoutError'), 'DEADLINE_EXCEEDED', undefined],
    ['a bug', new TypeError('secret is not a function'), 'INTERNAL', undefined],
    [
      'a database that numbers its errors',
      Object.assign(new Error('secret'), { code: 13 }),
      'INTERNAL',
      undefined,
    ],
    ['a string', 'secret', 'INTERNAL', undefined],
    ['nothing', undefined, 'INTERNAL', undefined],
  ] as const)('%s is %3$s', (_, error, code, message) => {
    const answer = grpcAnswer(error, false);
    expect(status[answer.code]).toBe(code);
    expect(answer.message).toBe(message ?? answer.message.replace(secret, 'a secret'));
  });

  it('another service’s CANCELLED is ours when our caller has gone', () => {
    expect(grpcAnswer(upstream(status.CANCELLED), true)).toMatchObject({
      code: status.CANCELLED,
      log: false,
    });
  });

  it('what is meant for the caller is not logged, the cause of what is not told is', () => {
    expect(grpcAnswer(new GrpcNotFoundException(), false).log).toBe(false);
    expect(grpcAnswer(new NotFoundException(), false).log).toBe(false);
    expect(grpcAnswer(upstream(status.UNAVAILABLE), false).log).toBe(true);
    expect(grpcAnswer(new Error('bug'), false).log).toBe(true);
  });
});

class Closed implements CanActivate {
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
    if (text === 'emits') return throwError(() => new NotFoundException('gone'));
    throw new TypeError('secret is not a function');
  }

  @UseGuards(Closed)
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
      const service = module.createNestMicroservice({ ...echoServer(port), logger: false });
      service.useGlobalFilters(new GrpcErrorFilter());
      await service.listen();
      app = service;
    } else {
      http = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
      http.useGlobalFilters(new GrpcErrorFilter(http.getHttpAdapter()));
      http.connectMicroservice(echoServer(port), { inheritAppConfig: true });
      await http.init();
      await http.startAllMicroservices();
      app = http;
    }
    echo = echoAt(port);
  });
  afterEach(async () => {
    echo.close();
    await app.close();
    http = undefined;
  });

  it.each(['throws', 'rejects', 'emits'])('a handler that %s has its code', async (text) => {
    await expect(echo.get({ text })).rejects.toMatchObject({ code: status.NOT_FOUND, details: 'gone' });
  });

  it('a bug is INTERNAL, and told of to nobody', async () => {
    await expect(echo.get({ text: 'bug' })).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.not.stringContaining('secret') as string,
    });
  });

  it('a guard that says no is PERMISSION_DENIED', async () => {
    await expect(echo.add({ text: '' })).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });

  it('a stream that fails after its first message has its code, and so has one that never begins', async () => {
    const read = async (text: string) => {
      const seen: string[] = [];
      const reading = (async () => {
        for await (const message of echo.watch({ text })) seen.push(message.text);
      })();
      const error: unknown = await reading.catch((caught: unknown) => caught);
      return { seen, code: (error as { code?: number }).code };
    };
    expect(await read('emits')).toEqual({ seen: ['first'], code: status.NOT_FOUND });
    expect(await read('throws')).toEqual({ seen: [], code: status.INTERNAL });
  });

  it.runIf(kind === 'a hybrid application')('what comes over HTTP is answered as Nest does', async () => {
    const response = await http!.inject({ method: 'GET', url: '/product' });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ message: 'gone' });
  });
});
