/**
 * A fake API for kubectl and curl: keeps nodes, bootstrap tokens, the namespace kube-system and the ConfigMap of refused
 * nodes in files, and refuses the requests that a real API refuses.
 */
import type { Machine } from '../machine.ts';

interface Token {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly type: string;
  /** Base64, as the API gives it back. */
  readonly data: Readonly<Record<string, string>>;
}

export interface Api {
  /** Nodes by name, and whether they are ready. */
  nodes(of: Readonly<Record<string, boolean>>): Promise<void>;
  /** When the cluster began, and what is annotated. */
  began(at: Date, annotations?: Readonly<Record<string, string>>): Promise<void>;
  tokens(): Promise<Token[]>;
  /** All calls, as lines. */
  calls(): Promise<string>;
  /** The ConfigMap of refused nodes and certificates; null if there is none. */
  refused(): Promise<Readonly<Record<string, string>> | null>;
  /** Every call fails from now on. */
  fail(): Promise<void>;
}

/** Gives the machine the command; the cluster began now and has no node. */
export async function api(made: Machine): Promise<Api> {
  const write = (name: string, value: unknown): Promise<void> => made.write(`api/${name}`, JSON.stringify(value));
  const seconds = (at: Date): string => at.toISOString().replace(/\.\d+/, '');
  const of: Api = {
    nodes: (nodes) =>
      write('nodes', {
        items: Object.entries(nodes).map(([name, ready]) => ({
          metadata: { name },
          status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
        })),
      }),
    began: (at, annotations = {}) => write('namespace', { metadata: { creationTimestamp: seconds(at), annotations } }),
    tokens: async () => (JSON.parse(await made.read('api/secrets')) as { items: Token[] }).items,
    calls: () => made.read('api/calls'),
    refused: async () =>
      (JSON.parse(await made.read('api/refused').catch(() => 'null')) as { data: Record<string, string> } | null)
        ?.data ?? null,
    fail: () => made.write('api/broken', ''),
  };
  await made.command('kubectl', kubectl(made.path('api')));
  await made.command('curl', curl(made.path('api')));
  // It asks for no certificate.
  await made.write('etc/kubernetes/admin.conf', '');
  await Promise.all([of.nodes({}), of.began(new Date()), write('secrets', { items: [] }), made.write('api/calls', '')]);
  return of;
}

const kubectl = (folder: string): string => `cd ${folder}
printf '%s\\n' "\${*:5}" >>calls
[[ ! -e broken ]] || { echo 'The connection to the server was refused' >&2; exit 1; }
# change FILTER [ARGUMENT...]: of the secrets that there are, with those that are sent as $sent.
change() { jq --slurpfile sent <(if [[ $* == *sent* ]]; then cat; fi) "\${@:2}" "$1" secrets >secrets.new && mv secrets.new secrets; }
stored='{metadata: (.metadata + {resourceVersion: (now * 1000 | floor | tostring)}), type, data: (.stringData | map_values(@base64))}'
exec 9>lock && flock 9
case "\${*:5}" in
  'annotate namespace '*) jq --arg pair "\${!#}" '.metadata.annotations += ($pair | split("=") | {(.[0]): .[1]})' namespace >new && mv new namespace ;;
  'create configmap '*)
    [[ ! -e refused ]] || { echo 'Error from server (AlreadyExists)' >&2; exit 1; }
    echo '{"data": {}}' >refused ;;
  'patch configmap '*) jq --argjson patch "\${!#}" '.data += $patch.data | .data |= with_entries(select(.value != null))' refused >new && mv new refused ;;
  apply*) change "((\\$sent[0].items // \\$sent) | map($stored)) as \\$new | .items |= (map(select(.metadata.name as \\$n | all(\\$new[]; .metadata.name != \\$n))) + \\$new)" ;;
  create*)
    cat >asked
    if jq -e --slurpfile asked asked 'any(.items[]; .metadata.name as $n | any($asked[0].items[]; .metadata.name == $n))' secrets >/dev/null; then
      echo 'Error from server (AlreadyExists)' >&2; exit 1
    fi
    change ".items += (\\$sent[0].items | map($stored))" <asked ;;
  replace*)
    cat >asked
    if ! jq -e --slurpfile asked asked 'all($asked[0].items[]; .metadata as $m | any($now[0].items[]; .metadata.resourceVersion == $m.resourceVersion))' \\
      --slurpfile now secrets -n >/dev/null; then echo 'Error from server (Conflict)' >&2; exit 1; fi
    change "(\\$sent[0].items | map($stored)) as \\$new | .items |= (map(select(.metadata.name as \\$n | all(\\$new[]; .metadata.name != \\$n))) + \\$new)" <asked ;;
  'annotate secret '*) change '(.items[] | select(.metadata.name == $name) | .metadata.annotations) += ($pair | split("=") | {(.[0]): .[1]})' --arg name "\${@: -2:1}" --arg pair "\${!#}" ;;
  'delete secret '*) change '.items |= map(select(.metadata.name as $n | $names | split(" ") | index($n) | not))' --arg names "$*" ;;
esac`;

/** Anything but questions to the API is the real one's. */
const curl = (folder: string): string => `case \${!#} in
  https://127.0.0.1:*/api/v1/*) path=\${!##*/api/v1/} ;;
  *) exec /usr/bin/curl "$@" ;;
esac
cd ${folder}
printf 'get %s\\n' "$path" >>calls
[[ ! -e broken ]] || { printf '\\n000 Failed to connect'; exit 7; }
exec 9>lock && flock 9
status=200
case $path in
  nodes) cat nodes ;;
  nodes/*) jq -e --arg name "\${path#nodes/}" '.items[] | select(.metadata.name == $name)' nodes || status=404 ;;
  namespaces/kube-system) cat namespace ;;
  namespaces/kube-system/configmaps/coldstart-refused) cat refused 2>/dev/null || status=404 ;;
  namespaces/kube-system/secrets\\?labelSelector=*) jq '.items |= map(select(.metadata.labels))' secrets ;;
  namespaces/kube-system/secrets\\?*) cat secrets ;;
esac
printf '\\n%s ' "$status"`;
