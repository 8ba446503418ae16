// Fails if a production dependency has a known vulnerability that is high or critical. Registries without an audit
// endpoint, such as mirrors, cannot answer: then it says so and passes.
import { spawnSync } from 'node:child_process';

const args = ['audit', '--omit=dev', '--audit-level=high', '--json'];
// On Windows npm is a batch file.
const shell = process.platform === 'win32';
const { stdout, status, error } = spawnSync('npm', args, { encoding: 'utf8', maxBuffer: 1 << 26, shell });
if (error) throw error;
const { vulnerabilities, message } = parse(stdout);
if (vulnerabilities === undefined) {
  console.log(`audit skipped, the registry did not answer: ${message ?? 'no report'}`);
} else {
  for (const { name, severity, range } of Object.values(vulnerabilities)) {
    console.log(`${severity}: ${name} ${range}`);
  }
  console.log(`audit: ${Object.keys(vulnerabilities).length} vulnerable production dependencies`);
  process.exitCode = status ?? 1;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
