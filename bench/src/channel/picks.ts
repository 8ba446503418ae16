import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type experimental, type Client, Metadata, status } from '@grpc/grpc-js';
import { median } from '../statistics.js';
import type { PickCost } from './messages.js';

const rounds = 9;
const picksPerRound = 100_000;
/** Few enough that no garbage collection runs meanwhile. */
const allocationPicks = 2_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const args: experimental.PickArgs = { metadata: new Metadata(), extraPickInfo: {} };
/** Keeps the compiler from removing the pick. */
let last: experimental.PickResult | undefined;

/** The picker of a channel, as a call uses it. grpc-js has no public way to it. */
function currentPicker(client: Client): experimental.Picker {
  const channel = client.getChannel() as unknown as {
    readonly internalChannel: { readonly currentPicker: experimental.Picker };
  };
  return channel.internalChannel.currentPicker;
}

export function measurePicks(client: Client): PickCost {
  const picker = currentPicker(client);
  const ns: number[] = [];
  const bytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = process.hrtime.bigint();
    pick(picker, picksPerRound);
    ns.push(Number(process.hrtime.bigint() - startedAt) / picksPerRound);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    pick(picker, allocationPicks);
    bytes.push((process.memoryUsage().heapUsed - before) / allocationPicks);
  }
  return { ns: median(ns), bytes: median(bytes) };
}

function pick(picker: experimental.Picker, times: number): void {
  for (let i = 0; i < times; i++) {
    last = picker.pick(args);
    last.onCallStarted?.();
    last.onCallEnded?.(status.OK, '', args.metadata);
  }
}
