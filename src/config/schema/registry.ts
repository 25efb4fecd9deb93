/** Settings of container registries, which stand both in the cluster and in a node; and how a CA certificate is named. */
import * as z from 'zod';
import { line } from './forms.ts';
import { mirrorUrl, reference, registryHost } from './names.ts';
import { group, matching } from './scalar.ts';

export const caFile = reference
  .optional()
  .describe('File with the CA certificate (PEM), relative to the folder of `cluster.yaml`.');

/** RFC 7617: the first colon ends the name. */
const userName = matching('text on one line without `:`', /^[^\s:\p{Cc}]([^:\p{Cc}]*[^\s:\p{Cc}])?$/u);

const registry = group('a registry', {
  host: registryHost.describe('Host (and port) as in image names; `_default` for all others.'),
  mirrors: z
    .array(
      group('a mirror', {
        url: mirrorUrl.describe(
          'URL of the mirror. A path with `/v2/` in it is taken as it is, as Harbor, GitLab and Quay want it: `https://harbor.lab.example/v2/dockerhub`. Any other gets `/v2` at its end.',
        ),
        ca_file: caFile,
        skip_verify: z.boolean().prefault(false).describe('Whether any certificate is accepted.'),
      }),
    )
    .prefault([])
    .describe('Where to look first, in this order.'),
  auth: group('the credentials', {
    username: userName.describe('User name.'),
    password: line.describe('Password; a secret.'),
  })
    .optional()
    .describe(
      'Credentials for the registry itself. Those for a mirror stand in an entry of their own, with the host of its URL as `host`.',
    ),
});

export const registries = z.array(registry);

export type WrittenRegistry = z.output<typeof registry>;
