import { WebSocket } from 'undici';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** A debugger that is attached to a Node process: https://chromedevtools.github.io/devtools-protocol/v8/ */
export class InspectorSession {
  readonly #socket: WebSocket;
  readonly #events = new Set<string>();
  readonly #pending = new Map<number, (message: Message) => void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.method !== undefined) this.#events.add(message.method);
      if (message.id !== undefined) this.#pending.get(message.id)?.(message);
    });
  }

  /** @param address `127.0.0.1:9229`. */
  static async attach(address: string): Promise<InspectorSession> {
    const response = await fetch(`http://${address}/json/list`);
    const [{ webSocketDebuggerUrl }] = (await response.json()) as [{ webSocketDebuggerUrl: string }];
    const socket = new WebSocket(webSocketDebuggerUrl);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`cannot attach to ${webSocketDebuggerUrl}`)));
    });
    return new InspectorSession(socket);
  }

  /** Whether the process has sent this event: `Debugger.paused`. */
  received(event: string): boolean {
    return this.#events.has(event);
  }

  async send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await new Promise<Message>((resolve) => this.#pending.set(id, resolve));
    if (!result) throw new Error(`${method}: ${error?.message}`);
    return result;
  }

  close(): void {
    this.#socket.close();
  }
}
