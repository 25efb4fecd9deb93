/** The questions of `coldstart init` about the cluster, in their order. */
import { DEFAULT_KUBERNETES, SUPPORTED_KUBERNETES } from '../../config/kubernetes/releases.ts';
import { plainName } from '../../import/model.ts';
import { UsageError } from '../usage.ts';
import { type Known, listOf } from './answers.ts';
import { freeAddress } from './stand-ins.ts';

/** What the questions may know of the machine that they are asked on. */
export interface Surroundings {
  /** The name of the folder of the definition. */
  readonly folder: string;
  /** Files with public SSH keys, e.g. `~/.ssh/id_ed25519.pub`. */
  readonly keyFiles: readonly string[];
  /** The keys in a file, or the text itself if it is a key. @throws UsageError */
  readonly readKeys: (text: string) => Promise<readonly string[]>;
}

export interface Question {
  readonly key: keyof Known;
  /** The flag with the same answer; with its value. */
  readonly flag: string;
  readonly text: string;
  /** The answer of an empty line; undefined if there has to be an answer. */
  readonly suggest: (known: Known, around: Surroundings) => string | undefined;
  /** Whether a sound default holds where nobody is asked. A suggestion is no default: somebody has to agree to it. */
  readonly hasDefault: boolean;
  readonly read: (text: string, around: Surroundings) => Promise<Known> | Known;
  readonly isAsked?: (known: Known) => boolean;
}

const firstOf = ({ network: [network = ''] = [] }: Known): string | undefined => freeAddress(network, new Set());

/** @throws UsageError */
function isYes(text: string): boolean {
  if (/^(y(es)?|no?)$/i.test(text)) return /^y/i.test(text);
  throw new UsageError('It has to be `y` or `n`.');
}

export const QUESTIONS: readonly Question[] = [
  {
    ...{ key: 'name', flag: '--name NAME', text: 'Name of the cluster', hasDefault: false },
    suggest: (_, { folder }) => plainName(folder),
    read: (name) => ({ name }),
  },
  {
    ...{ key: 'domain', flag: '--domain DOMAIN', text: 'DNS domain of the machines (- for none)', hasDefault: true },
    suggest: () => '-',
    read: (text) => ({ domain: text === '-' ? '' : text }),
  },
  {
    ...{ key: 'network', flag: '--network CIDR', text: 'Network of the machines, e.g. 192.168.50.0/24' },
    ...{ suggest: () => undefined, hasDefault: false },
    read: (text) => ({ network: listOf(text) }),
  },
  {
    ...{ key: 'gateway', flag: '--gateway ADDRESS', text: 'Gateway of this network (none for a closed one)' },
    ...{ suggest: firstOf, hasDefault: false },
    read: (text) => ({ gateway: listOf(text) }),
  },
  {
    ...{ key: 'dns', flag: '--dns ADDRESS', text: 'Name servers, with blanks between them', hasDefault: false },
    suggest: ({ gateway = [] }) => gateway.filter((one) => one !== 'none').join(' ') || undefined,
    read: (text) => ({ dns: listOf(text) }),
  },
  {
    ...{ key: 'kubernetes', flag: '--kubernetes VERSION', text: `Version of Kubernetes (${SUPPORTED_KUBERNETES})` },
    ...{ suggest: () => DEFAULT_KUBERNETES, hasDefault: true },
    read: (text) => ({ kubernetes: text.replace(/^v/, '') }),
  },
  {
    ...{ key: 'keys', flag: '--admin-key FILE', hasDefault: false },
    text: 'Public SSH key of the account `admin`: a file or the key',
    suggest: (_, { keyFiles }) => keyFiles[0],
    read: async (text, { readKeys }) => ({ keys: await readKeys(text) }),
  },
  {
    ...{ key: 'ceph', flag: '--ceph', text: 'Ceph on disks of these machines? y or n', hasDefault: true },
    suggest: () => 'n',
    read: (text) => ({ ceph: isYes(text) }),
  },
];

/** Asked after the machines: only several masters need it. */
export const VIRTUAL_IP: Question = {
  ...{ key: 'virtualIp', flag: '--virtual-ip ADDRESS', hasDefault: true },
  text: 'Unused address that moves to a working master (- for none)',
  suggest: () => undefined,
  read: (text) => ({ virtualIp: text === '-' ? '' : text }),
  isAsked: ({ masters = [] }) => masters.length > 1,
};
