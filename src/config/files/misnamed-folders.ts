/** Finds folders beside `cluster.yaml` whose names look like a misspelt `overlays` or `nodes`: nothing reads them. */
import type { Report } from '../../diagnostics/report.ts';
import { editDistance } from '../../diagnostics/suggest.ts';
import { type FolderEntry, listWithin } from './definition-folder.ts';
import { wholeFile } from './file-faults.ts';

/** What such a folder contains, so that a folder for another purpose is not reported. */
type Content = (entry: FolderEntry, nodes: readonly string[]) => boolean;

const MEANT: Readonly<Record<string, Content>> = {
  overlays: ({ name, kind }) => kind === 'a folder' && /^(common|role-.+|node-.+)$/.test(name),
  nodes: ({ name, kind }, nodes) => kind === 'a file' && nodes.some((node) => name === `${node}.yaml`),
};

/** The largest number of wrong letters. Copies such as `overlays.old` and `overlays-2` are meant to be ignored. */
const LIMIT = 2;

/** @param nodes the names of the nodes */
export async function reportMisnamedFolders(folder: string, nodes: readonly string[], report: Report): Promise<void> {
  const { value: beside = [] } = await listWithin(folder, '.');
  for (const { name } of beside.filter(({ name, kind }) => kind === 'a folder' && /^[A-Za-z_-]+$/.test(name))) {
    for (const [meant, isContent] of Object.entries(MEANT)) {
      if (name === meant || editDistance(name.toLowerCase(), meant) > LIMIT) continue;
      const { value: entries = [] } = await listWithin(folder, name);
      if (!entries.some((entry) => isContent(entry, nodes))) continue;
      report.add('overlay/misnamed-folder', { path: name, meant }, { at: wholeFile(name) });
    }
  }
}
