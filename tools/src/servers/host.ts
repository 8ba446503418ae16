/**
 * One place a server runs in: a process of this machine, or a container. It knows how to start it and how to break
 * it, and nothing of what runs.
 */
export interface Host {
  /** Where its port is reached. */
  readonly address: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Of a server that is down: its data, so that it starts empty. */
  wipe(): Promise<void>;
  /** What is left of it: the data. */
  remove(): Promise<void>;
  /** Undefined while it runs, else how it ended, with its last words. */
  ended(): Promise<string | undefined>;
}
