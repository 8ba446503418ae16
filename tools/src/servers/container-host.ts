import { hold, release } from '../processes/leash.js';
import type { Host } from './host.js';
import type { RegistryProgram } from './registry-server.js';

/** A registry as a container whose port is bound to a fixed one, so that it is the same after a restart. */
export async function containerHost(
  program: RegistryProgram,
  image: string,
  port: number,
  moreArgs: readonly string[],
): Promise<Host> {
  // Loaded here and not above: most runs need no container, and the package takes a second to load.
  const { GenericContainer, getContainerRuntimeClient, StartupCheckStrategy } =
    await import('testcontainers');
  const { container: containers, info } = await getContainerRuntimeClient();
  const local = info.containerRuntime.host === 'localhost';
  let id: string | undefined;

  class RegistryContainer extends GenericContainer {
    /** Loopback only, which the package has no setting for, unless the engine is on another machine. */
    protected override async beforeContainerCreated() {
      this.hostConfig.PortBindings = {
        [`${program.defaultPort}/tcp`]: [{ HostIp: local ? '127.0.0.1' : '', HostPort: `${port}` }],
      };
    }

    protected override async containerCreated(createdId: string) {
      id = createdId;
      hold({ container: createdId });
    }
  }

  /** Ready is what the program's probe says; the package's default wants a shell in the image. */
  class Created extends StartupCheckStrategy {
    async checkStartupState() {
      return 'SUCCESS' as const;
    }
  }

  const container = () => {
    if (id === undefined) throw new Error(`the container of ${image} was not started yet`);
    return containers.getById(id);
  };
  const remove = async () => {
    if (id === undefined) return;
    await container().remove({ force: true, v: true });
    await release({ container: id });
    id = undefined;
  };

  return {
    address: local ? '127.0.0.1' : info.containerRuntime.host,
    async start() {
      if (id !== undefined) return void (await container().start());
      await new RegistryContainer(image)
        .withCommand([...program.containerCommand, ...moreArgs])
        .withExposedPorts(program.defaultPort)
        .withWaitStrategy(new Created())
        .start();
    },
    async kill() {
      if (id === undefined) return;
      const { State: state } = await container().inspect();
      if (!state.Running) return;
      // The engine refuses to kill what is paused.
      if (state.Paused) await container().unpause();
      const ended = container().wait();
      await container().kill({ signal: 'SIGKILL' });
      await ended;
    },
    async freeze() {
      await container().pause();
    },
    async thaw() {
      await container().unpause();
    },
    wipe: remove,
    remove,
    async ended() {
      if (id === undefined) return undefined;
      const { State: state } = await container().inspect();
      if (state.Running) return undefined;
      const log = await container().logs({ stdout: true, stderr: true, tail: 20 });
      return `the container of ${image} ended (${state.ExitCode})\n${log.toString()}`;
    },
  };
}
