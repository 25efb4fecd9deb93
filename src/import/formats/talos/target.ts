/** What the readers of a Talos configuration change. */
import type { Draft, NodeDraft } from '../../model.ts';
import type { Folder } from '../format.ts';

export interface Target {
  readonly draft: Draft;
  readonly nodes: readonly NodeDraft[];
  readonly folder: Folder;
}
