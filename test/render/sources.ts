/** The repository's own templates and overlays, read once. */
import { join } from 'node:path';
import { readSources } from '../../src/builder/sources.ts';
import type { Sources } from '../../src/render/plan/sources.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** Without overlays of a user's. */
export const SOURCES: Sources = await readSources(REPOSITORY, join(REPOSITORY, 'no-such-folder'));
