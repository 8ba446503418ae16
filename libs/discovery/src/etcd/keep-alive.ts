import type { Etcd3 } from 'etcd3';
import { DiscoveryError } from '../errors.js';
import { after } from '../timer.js';

/**
 * Keeps a lease alive until `signal` aborts: asks every third of its time, and gives up when etcd has not answered for
 * the whole of it, on our own monotonic clock.
 * @throws {DiscoveryError} REGISTRATION_LOST when the lease is gone, or may be.
 */
export async function keepAlive(
  etcd: Etcd3,
  lease: string,
  ttlMs: number,
  signal: AbortSignal,
): Promise<void> {
  const stream = await etcd.leaseClient.leaseKeepAlive();
  let cancelAsk = () => {};
  let cancelWatchdog = () => {};
  let stop = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const lost = (reason: string, cause?: Error) =>
        reject(new DiscoveryError('REGISTRATION_LOST', `lease ${lease}: ${reason}`, { cause }));
      const ask = () => {
        stream.write({ ID: lease });
        cancelAsk = after(ttlMs / 3, ask);
      };
      const feed = () => {
        cancelWatchdog();
        cancelWatchdog = after(ttlMs, () => lost(`etcd has not answered for ${ttlMs} ms`));
      };
      stop = resolve;
      signal.addEventListener('abort', stop);
      stream.on('data', ({ TTL }) => {
        if (Number(TTL) > 0) feed();
        else lost('etcd has dropped it');
      });
      stream.on('error', (error) => lost(error.message || error.name, error));
      stream.on('end', () => lost('etcd ended the stream'));
      feed();
      ask();
    });
  } finally {
    signal.removeEventListener('abort', stop);
    cancelAsk();
    cancelWatchdog();
    stream.cancel();
  }
}
