/** Functions of a child process that its parent can call: arguments and results pass through JSON. */
export type Api<T> = { [Name in keyof T]: (...args: never[]) => unknown };

export interface IpcRequest {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface IpcResponse {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The id of the response that a child process sends, unasked, once it serves requests. */
export const readyId = 0;

/** In a child process: serves the calls of its parent. */
export function serveApi<T extends Api<T>>(api: T): void {
  const functions = api as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  const send = (response: IpcResponse) => void process.send?.(response);
  process.on('message', ({ id, name, args }: IpcRequest) => {
    const call = async () => functions[name]!(...args);
    call().then(
      (result) => send({ id, result }),
      (error: unknown) => send({ id, error: String(error) }),
    );
  });
  send({ id: readyId });
}
