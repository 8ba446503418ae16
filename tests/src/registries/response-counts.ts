import { type ChannelSettings, createGrpcClient } from '@rollcall/discovery/grpc';
import { expect } from 'vitest';
import { contractOf, instanceIdKey } from '../scenarios/calls/contract.js';

/**
 * Makes `calls` calls, one after the other, once all of `ids` are connected. Returns how many responses are of each.
 * @param target `file:///service`.
 */
export async function countResponses(
  target: string,
  ids: readonly string[],
  calls: number,
  channel: ChannelSettings = {},
): Promise<readonly number[]> {
  const service = target.slice(target.lastIndexOf('/') + 1);
  const client = createGrpcClient(contractOf(service), { target, channel });
  const countOf = async (count: number) => {
    const counts = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      await client.get(
        {},
        {
          onHeaders(headers) {
            const id = String(headers.get(instanceIdKey)[0]);
            counts.set(id, (counts.get(id) ?? 0) + 1);
          },
        },
      );
    }
    return counts;
  };
  await expect.poll(async () => (await countOf(20)).size, { timeout: 20_000 }).toBe(ids.length);
  const counts = await countOf(calls);
  client.close();
  return ids.map((id) => counts.get(id) ?? 0);
}
