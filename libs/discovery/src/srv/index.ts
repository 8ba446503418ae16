// First, so that Node's error for a missing peer names the way out: "Cannot find package ... imported from .../npm-install/dns-packet.js".
import './npm-install/dns-packet.js';

export { srvBackend, srvFromUrl } from './srv-backend.js';
export type { DnsServer, SrvOptions } from './options.js';
