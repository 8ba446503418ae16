import { Metadata } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { readRequestIds, requestIds, requestIdsInterceptor, withRequestIds } from './request-ids.js';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

it('valid ids are accepted', () => {
  const headers: Record<string, string> = { 'x-request-id': 'r-1', traceparent };
  expect(readRequestIds((name) => headers[name])).toEqual({ requestId: 'r-1', traceparent });
});

it.each(['', 'a b', 'x\ny', 'x'.repeat(129), undefined, ['r-1', 'r-2']])(
  'the request id %j is replaced, an invalid traceparent dropped',
  (given) => {
    const { requestId, ...rest } = readRequestIds((name) => (name === 'x-request-id' ? given : 'trace me'));
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(rest).toEqual({});
  },
);

it('outgoing calls get the ids of their own request, and the metadata of the caller stays as it is', () => {
  const own = new Metadata();
  own.set('own', 'kept');
  const sent: Record<string, unknown>[] = [];
  const call = () =>
    requestIdsInterceptor(
      { method_definition: {} } as never,
      () => ({ start: (metadata: Metadata) => sent.push(metadata.getMap()) }) as never,
    ).start(own, {});
  withRequestIds({ requestId: 'r-1', traceparent }, call);
  withRequestIds({ requestId: 'r-2' }, call);
  call();
  expect(sent).toEqual([
    { own: 'kept', 'x-request-id': 'r-1', traceparent },
    { own: 'kept', 'x-request-id': 'r-2' },
    { own: 'kept' },
  ]);
  expect(own.getMap()).toEqual({ own: 'kept' });
  expect(requestIds()).toBeUndefined();
});
