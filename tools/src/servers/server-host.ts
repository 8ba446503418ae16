/** What a registry server runs in: a process of this machine or a container. */
export interface ServerHost {
  /** The host part of the server's URL. */
  readonly address: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Deletes the data of a stopped server. */
  wipe(): Promise<void>;
  /** Removes a stopped server for good, with its data. */
  remove(): Promise<void>;
  /** Undefined while the server runs, else how it exited, with its last lines of output. */
  exitReason(): Promise<string | undefined>;
}
