/** The end point of the API servers: a virtual address, a DNS name, or the address of a master. */
import type { Field } from '../../input/field.ts';
import type { Draft } from '../../model.ts';
import { addressOf } from '../../network/links.ts';
import { Leaf } from '../../write/out.ts';

const CONTROL_PLANE = ['control_plane'] as const;

/** Reads an end point like `https://10.0.0.5:6443`. */
export function putEndpoint(field: Field | undefined, draft: Draft): void {
  const text = field?.text();
  if (!field || text === undefined) return;
  const [, name = '', port] = /^(?:https?:\/\/)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?\/?$/.exec(text) ?? [];
  const host = name.replace(/^\[|\]$/g, '');
  if (port !== undefined && port !== '6443')
    draft.cluster.put([...CONTROL_PLANE, 'port'], new Leaf(Number(port), field));
  const address = addressOf(host);
  if (address === undefined) draft.cluster.put([...CONTROL_PLANE, 'endpoint'], new Leaf(host.toLowerCase(), field));
  else putAddress(address, field, draft);
}

function putAddress(address: string, field: Field, draft: Draft): void {
  const node = draft.nodes.find(({ ips }) => ips.some(({ value }) => addressOf(value) === address));
  const standing = draft.cluster.at([...CONTROL_PLANE, 'virtual_ip']);
  if (node) return field.skip('it is the address of a node');
  if (standing instanceof Leaf && standing.value === address)
    return draft.cluster.put([...CONTROL_PLANE, 'virtual_ip'], new Leaf(address, field));
  if (standing) {
    field.assume(
      `The address ${address} of the end point is not brought: the cluster has the virtual address ${standing instanceof Leaf ? standing.value : ''}`,
      'give the address to a load balancer in front of the masters, if you still need it',
    );
  } else {
    field.assume(
      `The address ${address} of the end point becomes the virtual address, which a working master takes`,
      'if a load balancer has it, remove `control_plane.virtual_ip` and name the load balancer in `control_plane.endpoint`',
    );
    putVirtualIp({ value: address, from: field }, draft);
  }
}

/** The address that moves to a working master. */
export function putVirtualIp(said: { readonly value: string; readonly from: Field | undefined }, draft: Draft): void {
  const address = addressOf(said.value);
  if (address === undefined) return;
  const standing = draft.cluster.at([...CONTROL_PLANE, 'virtual_ip']);
  if (!standing) draft.cluster.put([...CONTROL_PLANE, 'virtual_ip'], new Leaf(address, said.from));
  else if (standing instanceof Leaf && standing.value !== address) {
    said.from?.lose(
      `the cluster has the virtual address ${standing.value} already`,
      'coldstart keeps one virtual address; choose one of the two',
    );
  }
}

/** Further names in the certificate of the API servers. What coldstart puts into it anyway needs no setting. */
export function putApiNames(field: Field | undefined, draft: Draft): void {
  const known = new Set([
    '127.0.0.1',
    '::1',
    'localhost',
    ...draft.nodes.flatMap(({ ips }) => ips.map(({ value }) => value)),
  ]);
  for (const setting of ['virtual_ip', 'endpoint']) {
    const out = draft.cluster.at([...CONTROL_PLANE, setting]);
    if (out instanceof Leaf) known.add(String(out.value));
  }
  for (const item of field?.items() ?? []) {
    const name = item.text();
    if (name === undefined) continue;
    if (known.has(name) || draft.nodes.some((node) => node.name === name))
      item.skip('the certificate of the API servers has it anyway');
    else draft.apiNames.push({ value: name, from: item });
  }
}
