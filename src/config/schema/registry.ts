/** Settings of container registries, which both the cluster and a node have, and the setting for a CA certificate. */
import * as z from 'zod';
import { line } from './forms.ts';
import { mirrorUrl, reference, registryHost } from './names.ts';
import { group, matching } from './scalar.ts';

export const caFile = reference
  .optional()
  .describe('File with the CA certificate (PEM), relative to the folder of `cluster.yaml`.');

/** RFC 7617: the name ends at the first colon. */
const userName = matching('text on one line without `:`', /^[^\s:\p{Cc}]([^:\p{Cc}]*[^\s:\p{Cc}])?$/u);

const registry = group('a registry', {
  host: registryHost.describe('Host (and port) as in image names; `_default` for all others.'),
  mirrors: z
    .array(
      group('a mirror', {
        url: mirrorUrl.describe(
          'URL of the mirror. A path with `/v2/` in it is used unchanged (Harbor, GitLab, Quay): `https://harbor.lab.example/v2/dockerhub`. Otherwise `/v2` is appended.',
        ),
        ca_file: caFile,
        skip_verify: z.boolean().prefault(false).describe('Whether to accept any certificate.'),
      }),
    )
    .prefault([])
    .describe('Mirrors, tried in this order before the registry itself.'),
  auth: group('the credentials', {
    username: userName.describe('User name.'),
    password: line.describe('Password; a secret.'),
  })
    .optional()
    .describe(
      "Credentials for the registry itself. For a mirror, add another entry whose `host` is the host of the mirror's URL.",
    ),
});

export const registries = z.array(registry);

export type WrittenRegistry = z.output<typeof registry>;
