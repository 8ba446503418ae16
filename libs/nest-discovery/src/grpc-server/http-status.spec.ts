import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { grpcStatusOf, httpStatusOf } from './http-status.js';

describe('httpStatusOf', () => {
  it.each([
    ['INVALID_ARGUMENT', 400],
    ['FAILED_PRECONDITION', 400],
    ['OUT_OF_RANGE', 400],
    ['UNAUTHENTICATED', 401],
    ['PERMISSION_DENIED', 403],
    ['NOT_FOUND', 404],
    ['ALREADY_EXISTS', 409],
    ['ABORTED', 409],
    ['RESOURCE_EXHAUSTED', 429],
    ['CANCELLED', 499],
    ['UNKNOWN', 500],
    ['INTERNAL', 500],
    ['DATA_LOSS', 500],
    ['UNIMPLEMENTED', 501],
    ['UNAVAILABLE', 503],
    ['DEADLINE_EXCEEDED', 504],
  ] as const)('maps %s to %i, as google/rpc/code.proto', (code, httpStatus) => {
    expect(httpStatusOf(status[code])).toBe(httpStatus);
  });
});

describe('grpcStatusOf', () => {
  it.each([
    [400, 'INVALID_ARGUMENT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [408, 'DEADLINE_EXCEEDED'],
    [409, 'ALREADY_EXISTS'],
    [413, 'RESOURCE_EXHAUSTED'],
    [416, 'OUT_OF_RANGE'],
    [422, 'INVALID_ARGUMENT'],
    [429, 'RESOURCE_EXHAUSTED'],
    [499, 'CANCELLED'],
    [501, 'UNIMPLEMENTED'],
    [502, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED'],
  ] as const)('maps %i to %s', (httpStatus, code) => {
    expect(grpcStatusOf(httpStatus)).toBe(status[code]);
  });

  it.each([405, 418, 500])('does not map %i', (httpStatus) => {
    expect(grpcStatusOf(httpStatus)).toBeUndefined();
  });
});
