/** The JSON schema (draft 7) of the user's files, for editors: one document for `cluster.yaml` and `nodes/<name>.yaml`. */
import * as z from 'zod';
import { clusterFile } from './cluster.ts';
import { nodeFile } from './node.ts';

/** A file with the top-level key `node` describes a node, any other file the cluster. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'coldstart cluster definition',
    if: { type: 'object', required: ['node'] },
    then: partSchema(nodeFile),
    else: partSchema(clusterFile),
  };
}

function partSchema(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...part } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return part;
}
