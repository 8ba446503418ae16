/** The instance that an event is about. */
export interface EventInstance {
  readonly id: string;
  /** `host:port`. */
  readonly address: string;
}
