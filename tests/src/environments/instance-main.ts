/**
 * Registers an instance: `node instance-main.js <registry URL> <service> <id> <port> [<ms to block>]`.
 * Prints each state of its registration with the code of its last error. SIGUSR2 blocks the event loop for `ms to block`.
 */
import { openRegistry } from '@rollcall/discovery';

const [url, service = '', id = '', port, blockMs = '0'] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

const registry = await openRegistry(url);
const registration = registry.register({ service, id, host: '127.0.0.1', port: Number(port) });
registration.on('change', (state) => {
  print('lastError' in state ? `${state.status} ${state.lastError?.code}` : state.status);
});
const keepRunning = setInterval(() => {}, 60_000);
process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(blockMs));
  print('unblocked');
});
process.once('SIGTERM', () => {
  clearInterval(keepRunning);
  void registry.close().then(() => print('closed'));
});
