/** A worker thread that registers `id` and watches `inventory`. It posts its status and closes on a message. */
import { parentPort, workerData } from 'node:worker_threads';
import { openRegistry } from '@rollcall/discovery';
import type { WorkerInput, WorkerStatus } from './worker.js';

const { url, id, port } = workerData as WorkerInput;
const registry = await openRegistry(url, { lingerMs: 0 });
const registration = registry.register({ service: 'inventory', id, host: '192.0.2.1', port });
const watch = registry.watch('inventory');

const post = () => {
  const { source, instances } = watch.current;
  const status: WorkerStatus = {
    registration: registration.state.status,
    source,
    ids: instances.map((instance) => instance.id),
  };
  parentPort?.postMessage(status, []);
};
registration.on('change', post);
watch.onChange(post);
post();
parentPort?.once('message', () => void registry.close().then(() => parentPort?.close()));
