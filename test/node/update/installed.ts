/** An installed node for tests of its updates: RAUC is a fake that knows only the boot loader's environment, and so is systemd. */
import { start as startBootLoader } from '../disk/boot-loader.ts';
import { machine, type Machine, type Setup } from '../machine.ts';

const GRUBENV = 'run/cluster/esp/boot/grub/grubenv';
const RECORD = 'var/lib/cluster-state/update.json';

/** Marks as RAUC 1.13 does for GRUB: src/bootloaders/grub.c. `fake/rauc-fails` is an error. */
const RAUC = `cd "$COLDSTART_ROOT"; env=${GRUBENV}
echo "$*" >>fake/rauc
if [[ -e fake/rauc-fails ]]; then echo 'rauc: D-Bus error' >&2; exit 1; fi
set_value() { grub-editenv "$env" set "$@"; }
booted=$(grep -o 'rauc.slot=.' proc/cmdline); booted=\${booted#*=}
[[ $booted == A ]] && other=B || other=A
slot=$booted; [[ \${3:-} == other ]] && slot=$other
case "$1 $2" in
  'status mark-good') set_value "\${slot}_OK=1" "\${slot}_TRY=0" ;;
  'status mark-bad') set_value "\${slot}_OK=0" "\${slot}_TRY=0" ;;
  'status mark-active') [[ $slot == A ]] && order='A B' || order='B A'; set_value "ORDER=$order" "\${slot}_OK=1" "\${slot}_TRY=0" ;;
  'info '*) echo '{"update": {"compatible": "coldstart/lab/master-01", "version": "7"}}' ;;
  'install '*) [[ $other == A ]] && order='A B' || order='B A'; set_value "ORDER=$order" "\${other}_OK=1" "\${other}_TRY=0" ;;
esac`;
const EDITENV = `[[ $2 == set ]] || exit 2; file=$1; shift 2
for each in "$@"; do sed -i "/^\${each%%=*}=/d" "$file"; printf '%s\\n' "$each" >>"$file"; done`;

export interface Installed extends Machine {
  status(): Promise<Record<string, unknown>>;
  environment(): Promise<Record<string, string>>;
  record(): Promise<Record<string, unknown>>;
  /** What the boot loader does at a restart: it counts the try of what it chooses, and does not choose what was tried. */
  start(): Promise<string>;
}

/** By default a node that runs release 6 from slot A, healthy as far as the fakes go. */
export async function installed(setup: Setup = {}): Promise<Installed> {
  const made = await machine({
    ...setup,
    env: { BOOT_ROLE: 'storage', NODE_ROLES: 'ceph-osd', KUBERNETES_VERSION: '1.35.6', ...setup.env },
    commands: {
      ...{
        rauc: RAUC,
        'grub-editenv': EDITENV,
        ping: 'exit 0',
        df: 'echo Avail; echo 1000000000',
        findmnt: 'echo "$COLDSTART_ROOT/dev/vda5"',
      },
      systemctl: `echo "$*" >>"$COLDSTART_ROOT/fake/systemctl"`,
      ...setup.commands,
    },
    files: {
      ...{
        'etc/rauc/system.conf': 'min-bundle-version=6\n',
        'etc/cluster-config/state-disk.env': 'STATE_DISK_OWNER=x\nVAR_PARTLABEL=var-1\n',
      },
      ...{
        'proc/cmdline': 'quiet rauc.slot=A coldstart.image=abc\n',
        'proc/uptime': '400.00 1.0\n',
        'fake/rauc': '',
        'fake/systemctl': '',
      },
      [GRUBENV]: 'ORDER=A B\nA_OK=1\nA_TRY=0\nA_TRIED=1\nB_OK=0\nB_TRY=0\nB_TRIED=0\n',
      'update.raucb': 'bundle',
      ...setup.files,
    },
  });
  const environment = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await made.read(GRUBENV))
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
  const node: Installed = {
    ...made,
    environment,
    status: async () => JSON.parse((await made.run('cluster-update.sh', '--status')).output) as Record<string, unknown>,
    record: async () => JSON.parse(await made.read(RECORD)) as Record<string, unknown>,
    start: async () => {
      const started = await startBootLoader(await environment());
      const [chosen = ''] = started.slots;
      const lines = Object.entries(started.environment).map(([name, value]) => `${name}=${String(value)}\n`);
      await made.restart();
      await made.write(GRUBENV, lines.join(''));
      await made.write('proc/cmdline', `quiet rauc.slot=${chosen} coldstart.image=abc\n`);
      await made.bash(`ledger bootstrap 'done' '' m`);
      return chosen;
    },
  };
  await made.bash(`ledger bootstrap 'done' '' m`);
  return node;
}
