/** Settings of container registries, which stand both in the cluster and in a node; and how a CA certificate is named. */
import * as z from 'zod';
import { line } from './forms.ts';
import { reference, registryHost, url } from './names.ts';
import { group } from './scalar.ts';

export const caFile = reference
  .optional()
  .describe('File with the CA certificate (PEM), relative to the folder of `cluster.yaml`.');

const registry = group('a registry', {
  host: registryHost.describe('Host (and port) as in image names; `_default` for all others.'),
  mirrors: z
    .array(
      group('a mirror', {
        url: url.describe('URL of the mirror.'),
        ca_file: caFile,
        skip_verify: z.boolean().prefault(false).describe('Whether any certificate is accepted.'),
      }),
    )
    .prefault([])
    .describe('Where to look first, in this order.'),
  auth: group('the credentials', {
    username: line.describe('User name.'),
    password: line.describe('Password; a secret.'),
  })
    .optional()
    .describe('Credentials for the registry.'),
});

export const registries = z.array(registry);

export type WrittenRegistry = z.output<typeof registry>;
