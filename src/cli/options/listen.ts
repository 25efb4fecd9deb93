/** `--listen`: an address of this machine, and a port. */
import { isIP } from 'node:net';
import type { Listening } from '../../serve/http/settings.ts';
import { UsageError } from '../../usecases/usage.ts';

/** `192.0.2.1:8443` or `[2001:db8::1]:8443`. Port 0 stands for any free port. @throws UsageError */
export function parseListen(text: string): Listening {
  const [, six, four, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const [address, port] = [six ?? four ?? '', Number(digits)];
  if (isIP(address) === (six === undefined ? 4 : 6) && port < 65536) return { address, port };
  throw new UsageError(
    `\`--listen ${text}\` is not an address of this machine and a port.`,
    'for example 192.168.50.5:8443 or [fd00::5]:8443',
  );
}
