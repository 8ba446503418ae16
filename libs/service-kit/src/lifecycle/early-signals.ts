/**
 * `node --import .../early-signals.js main.js`: exits on SIGTERM and SIGINT while the program still loads. Process 1 of a
 * container needs it: the kernel ignores its signals until it has a handler (pid_namespaces(7)), so that without one a
 * service would start, register and serve until SIGKILL. Does nothing once the program has handlers of its own.
 */
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(0);
  });
}
