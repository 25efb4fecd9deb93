/**
 * An installed monitor of Ceph in QEMU. It is the smallest node whose health is that of real services. The other node of its definition is
 * never switched on.
 */
import { InstalledNode } from './installed-node.ts';

export const NODE = 'store-01';
export const IP = '192.168.50.11';
const MAC = '52:54:00:12:50:01';

/** What the definition says of the node beyond what it has at first. */
export type Settings = Readonly<Record<string, unknown>>;

export class Monitor extends InstalledNode {
  #settings: Settings = {};

  /** Builds its images in a folder that is empty. Puts an `ssh` on the PATH, until {@link remove}. */
  static async make(folder: string): Promise<Monitor> {
    const monitor = new Monitor({ folder, cluster: 'storage', name: NODE, ip: IP, mac: MAC });
    await monitor.prepare();
    await monitor.define({});
    await monitor.build();
    return monitor;
  }

  /** Defines that a new key may log in, too; its file in the folder. */
  async allow(name: string): Promise<void> {
    await this.addKey(name);
    await this.define(this.#settings);
  }

  async define(settings: Settings): Promise<void> {
    this.#settings = settings;
    const [osd, state] = [{ serial: 'osd' }, { serial: 'state' }];
    await this.write({
      cluster: {
        name: 'storage',
        networking: { node_cidr: '192.168.50.0/24', gateway: '192.168.50.1' },
        image: { install: true, formats: ['iso', 'update'] },
        users: [this.user],
      },
      nodes: [
        { name: NODE, ip: IP, roles: ['ceph-mon'], hardware: { mac_addresses: [MAC], state_disk: state }, ...settings },
        {
          ...{ name: 'store-02', ip: '192.168.50.12', roles: ['ceph-mgr', 'ceph-osd'] },
          hardware: { mac_addresses: ['52:54:00:12:50:02'], state_disk: state, osd_disks: [osd] },
        },
      ],
    });
  }
}
