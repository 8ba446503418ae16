import { GrpcInvalidArgumentException } from '@nestjs/microservices';

/** @throws {GrpcInvalidArgumentException} echoing the value, unless it has the shape that the contract gives the field. */
export function assertFieldMatches(name: string, value: string, shape: RegExp): void {
  if (shape.test(value)) return;
  throw new GrpcInvalidArgumentException(
    `${name} ${JSON.stringify(value.slice(0, 80))} is not usable; it must match ${shape}`,
  );
}
