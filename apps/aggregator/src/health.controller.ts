import { Controller, Get, Header, HttpStatus, type OnModuleInit, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { inventoryContract, productContract, reviewContract } from '@rollcall/contracts';
import { type ServiceHealth, ServiceHealthIndicator } from '@rollcall/nest-discovery/health';
import { GracefulShutdown } from '@rollcall/service-kit';
import type { FastifyReply } from 'fastify';
import { healthSchema, readinessSchema } from './schemas.js';

interface Dependency extends ServiceHealth {
  /** Without it, the aggregator is not ready. Without any other dependency, pages are degraded. */
  readonly required: boolean;
}

interface ReadinessResponse {
  readonly ready: boolean;
  readonly draining?: true;
  readonly dependencies: Readonly<Record<string, Dependency>>;
}

const upstreams = [productContract, inventoryContract, reviewContract];

@ApiTags('health')
@Controller()
export class HealthController implements OnModuleInit {
  constructor(
    private readonly services: ServiceHealthIndicator,
    private readonly shutdown: GracefulShutdown,
  ) {}

  /** Connects, and lists the instances, before the first request. */
  onModuleInit(): void {
    this.#dependencies();
  }

  @Get('healthz')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the process is alive' })
  @ApiOkResponse({ schema: healthSchema })
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Whether the aggregator accepts requests and is connected to what no page can do without',
  })
  @ApiOkResponse({
    description: 'An instance of every required service is connected.',
    schema: readinessSchema,
  })
  @ApiServiceUnavailableResponse({
    description: 'No instance of a required service is connected, or the aggregator is shutting down.',
    schema: readinessSchema,
  })
  readiness(@Res({ passthrough: true }) reply: FastifyReply): ReadinessResponse {
    const dependencies = this.#dependencies();
    const draining = this.shutdown.started;
    const ready =
      !draining && Object.values(dependencies).every(({ required, connected }) => connected || !required);
    if (!ready) void reply.status(HttpStatus.SERVICE_UNAVAILABLE).header('retry-after', '1');
    return { ready, ...(draining && { draining }), dependencies };
  }

  #dependencies(): Record<string, Dependency> {
    const dependencies = upstreams.map((contract) => {
      const { service } = contract;
      const { status: _, ...health } = this.services.isHealthy(service, contract)[service]!;
      return [service, { required: contract === productContract, ...health }] as const;
    });
    return Object.fromEntries(dependencies);
  }
}
