/** A server in a process of its own, which a test kills. It says when it listens. */
import { startServer } from '../../src/serve/http/server.ts';
import { DEFAULT_LIMITS } from '../../src/serve/http/settings.ts';

const options = { identity: null, limits: DEFAULT_LIMITS, processes: 2, lost: () => undefined };
await startServer({ address: '127.0.0.1', port: 0 }, options, () => Promise.reject(new Error('asked')));
process.stdout.write('ready\n');
