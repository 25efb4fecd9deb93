/** Drop-ins of containerd, which Talos reads from `/etc/cri/conf.d`. */
import type { Field } from '../../input/field.ts';
import type { Target } from './target.ts';

export function putContainerd(item: Field, text: string, _target: Target): void {
  if (
    /discard_unpacked_layers\s*=\s*false/.test(text) &&
    text.split('\n').filter((line) => /=/.test(line)).length === 1
  )
    // prettier-ignore
    return item.skip("containerd's own default, which coldstart keeps, is `discard_unpacked_layers = false`");
  item.lose('coldstart has no setting for drop-ins of containerd', 'look whether the default of coldstart suits you');
}
