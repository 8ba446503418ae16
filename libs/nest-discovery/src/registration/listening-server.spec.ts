import { describe, expect, it } from 'vitest';
import { listeningServerOf } from './listening-server.js';

describe('where a gRPC server of Nest listens', () => {
  it.each([
    ['0.0.0.0:50051', { port: 50051, host: '0.0.0.0' }],
    ['localhost:5000', { port: 5000, host: '127.0.0.1' }],
    ['shop.internal:5000', { port: 5000, host: 'shop.internal' }],
    ['[::]:5000', { port: 5000, host: '::' }],
    ['dns:///0.0.0.0:5000', { port: 5000, host: '0.0.0.0' }],
    ['ipv4:10.0.0.5:5000', { port: 5000, host: '10.0.0.5' }],
    ['ipv6:[::1]:5000', { port: 5000, host: '::1' }],
  ])('is known from the url %s', (url, expected) => {
    expect(listeningServerOf({ url })).toEqual(expected);
  });

  it('is known from its port', () => {
    expect(listeningServerOf({ url: '0.0.0.0:0', port: 50_051 })).toEqual({
      port: 50_051,
      host: '0.0.0.0',
    });
  });

  it.each(['127.0.0.1:0', 'unix:/run/shop.sock', 'localhost', undefined])(
    'is unknown from the url %s: the error names the way out',
    (url) => {
      expect(() => listeningServerOf({ url })).toThrow(
        /^INVALID_OPTION: .*give it a fixed port, or .*"port"/,
      );
    },
  );
});
