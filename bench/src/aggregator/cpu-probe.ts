/** Preloaded into a server (`--import`): replies to any message with the CPU time of its process. */
import { serveRequests } from '../worker-process.js';

serveRequests(async () => process.cpuUsage());
