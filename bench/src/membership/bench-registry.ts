/** The content of one record. */
export interface BenchInstance {
  readonly service: string;
  readonly number: number;
  readonly weight: number;
}

/** Writes records as the library does, but many at once. */
export interface RecordWriter {
  write(instances: readonly BenchInstance[]): Promise<void>;
  delete(instance: BenchInstance): Promise<void>;
  close(): Promise<void>;
}

/** What is measured, or its control. */
export interface Reader {
  /** Reads the list. Returns the number of instances. */
  list(): Promise<number>;
  /** Calls `onChange` on each change until `close`. Resolves with the number of instances when it is ready. */
  watch(onChange: () => void): Promise<number>;
  /** Ends the session of `list` or `watch`. */
  close(): Promise<void>;
}

export const hostOf = ({ number }: Pick<BenchInstance, 'number'>) =>
  `10.0.${Math.floor(number / 100) % 256}.${number % 100}`;
export const portOf = ({ number }: Pick<BenchInstance, 'number'>) => 10_000 + number;
export const idOf = ({ service, number }: Pick<BenchInstance, 'service' | 'number'>) =>
  `${service}-${10_000 + number}-7f3a`;

/** Replaced by the writers with the values of an instance. */
export const template = {
  id: 'template-id',
  service: 'template',
  host: '10.255.255.255',
  port: 9,
  weight: 9,
  version: '1.4.2',
  zone: 'eu-central-1a',
  protocol: 'grpc',
  metadata: { team: 'stock' },
} as const;
