import { reportError } from '../usage-error.js';
import { listApps, runDev } from './run.js';
import { parseOptions, usage } from './options.js';

const stop = new AbortController();
const kill = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The first signal drains the instance, the second one kills it.
  process.on(signal, () => (stop.signal.aborted ? kill : stop).abort());
}

try {
  const options = parseOptions(process.argv.slice(2), listApps());
  if (options === 'help') process.stdout.write(usage);
  else await runDev(options, stop.signal, kill.signal);
} catch (error) {
  process.exitCode = reportError('npm run dev', error, 'npm run dev -- --help');
}
