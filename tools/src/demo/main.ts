import { reportError, UsageError } from '../usage-error.js';
import { displayOn } from './display.js';
import { parseOptions, usage } from './options.js';
import { runDemo } from './run.js';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The first signal stops everything in order, the second one at once.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
    process.stderr.write('\n  stopping ...\n');
  });
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    return (await runDemo(options, displayOn(process.stdout), interrupted.signal)) ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted && !(error instanceof UsageError)) return 130;
    return reportError('npm run demo', error, 'npm run demo -- --help');
  }
}
