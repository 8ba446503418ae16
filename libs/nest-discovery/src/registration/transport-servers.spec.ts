import 'reflect-metadata';
import { ModulesContainer } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { echoServerOptions } from '../fixtures/echo.js';
import { onTransportServer, type TransportServer } from './transport-servers.js';

describe('the servers of the microservices of an application', () => {
  const found = vi.fn<(server: TransportServer) => void>();
  beforeEach(() => found.mockReset());

  const compile = async () => {
    const module = await Test.createTestingModule({}).compile();
    onTransportServer(module.get(ModulesContainer), found);
    return module;
  };

  const itFindsThem = () => {
    it('that of a pure microservice is found', async () => {
      const other = await Test.createTestingModule({}).compile();
      const service = (await compile()).createNestMicroservice(echoServerOptions(1));
      other.createNestMicroservice(echoServerOptions(2));
      expect(found.mock.calls).toEqual([[expect.objectContaining({ transportId: 4, url: '127.0.0.1:1' })]]);
      await service.close();
    });

    it('those of a hybrid application are found, also when they are connected later', async () => {
      const application = (await compile()).createNestApplication(new FastifyAdapter(), { logger: false });
      application.connectMicroservice(echoServerOptions(1));
      await application.init();
      application.connectMicroservice(echoServerOptions(2));
      const urls = found.mock.calls.map(([server]) => (server as unknown as { url: string }).url);
      expect(urls).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
      await application.close();
    });
  };

  describe('in the installed version of Nest', () => {
    itFindsThem();
  });

  describe('in a version before 11.1.5', () => {
    const registry = Object.getOwnPropertyDescriptor(ModulesContainer.prototype, 'getRpcTargetRegistry');
    beforeEach(() => {
      Reflect.deleteProperty(ModulesContainer.prototype, 'getRpcTargetRegistry');
    });
    afterEach(() => {
      if (registry) Object.defineProperty(ModulesContainer.prototype, 'getRpcTargetRegistry', registry);
    });
    itFindsThem();
  });
});
