/** What a process can be asked: functions whose arguments and answers pass through JSON. */
export type Api<T> = { [Name in keyof T]: (...args: never[]) => unknown };

export interface Question {
  readonly number: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  /** Why there is no answer. */
  readonly error?: string;
}

/** In a child process: answers what its parent asks. The first reply, number 0, says that it can be asked. */
export function answerWith<T extends Api<T>>(api: T): void {
  const answers = api as unknown as Record<string, (...given: readonly unknown[]) => unknown>;
  const send = (reply: Reply) => void process.send?.(reply);
  process.on('message', ({ number, name, args }: Question) => {
    const answering = async () => answers[name]!(...args);
    answering().then(
      (answer) => send({ number, answer }),
      (error: unknown) => send({ number, error: String(error) }),
    );
  });
  send({ number: 0, answer: undefined });
}
