import { GrpcInvalidArgumentException } from '@nestjs/microservices';

/** @throws {GrpcInvalidArgumentException} echoing the value. */
export function assertFieldMatches(name: string, value: string, pattern: RegExp): void {
  if (pattern.test(value)) return;
  const echo = JSON.stringify(value.slice(0, 80));
  throw new GrpcInvalidArgumentException(`invalid ${name} ${echo}: it must match ${pattern}`);
}
