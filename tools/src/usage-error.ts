/** An invalid argument on the command line. The message has its name, its value and what to use instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Prints the error of a command. Returns its exit code: 2 for a {@link UsageError}, 1 for any other error.
 * @param command as it is typed: `npm run demo`.
 * @param help what prints the usage of the command: `npm run demo -- --help`.
 */
export function reportError(command: string, error: unknown, help?: string): number {
  const message = error instanceof Error ? error.message : String(error);
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${command}: ${message}${isUsage && help ? ` (${help})` : ''}\n`);
  return isUsage ? 2 : 1;
}
