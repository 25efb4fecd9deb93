/** Rules about the settings of Kubernetes' programs: what coldstart keeps for itself, and settings that nothing uses. */
import type { Path } from '../../../diagnostics/path.ts';
import type { Report } from '../../../diagnostics/report.ts';
import { type Fields, fieldOf } from '../../kubernetes/documents.ts';
import { containerdClaims } from '../../kubernetes/kept/containerd.ts';
import { type ProgramName, programOf, PROGRAMS } from '../../kubernetes/kept/arguments.ts';
import type { Claim } from '../../kubernetes/kept/claim.ts';
import { claimsOn, type KindName, KINDS } from '../../kubernetes/kept/fields.ts';
import { isMaster, isMember } from '../../roles.ts';
import { type Facts, nodesOf, type Rule } from '../rule.ts';

const KUBERNETES: Path = ['cluster', 'kubernetes'];

interface Placed<Name, Value> {
  readonly name: Name;
  readonly path: Path;
  readonly value: Value;
}

/** Every configuration of a program that the user wrote. */
export function documentsOf({ cluster, nodes }: Facts): readonly Placed<KindName, Fields>[] {
  const { kubelet, kube_proxy: proxy, scheduler, api_server: server } = cluster.kubernetes;
  const written: Readonly<Record<KindName, Fields | undefined>> = {
    'kubelet.config': kubelet.config,
    'kube_proxy.config': proxy.config,
    'scheduler.config': scheduler.config,
    'api_server.admission': server.admission,
    'api_server.authentication': server.authentication,
    'api_server.audit_policy': server.audit_policy,
  };
  const ofCluster = (Object.keys(KINDS) as KindName[]).flatMap((name) => {
    const value = written[name];
    return value === undefined ? [] : [{ name, path: [...KUBERNETES, ...name.split('.')], value }];
  });
  const ofNodes = nodes.flatMap(({ name, kubelet: own }) => {
    const path = ['nodes', name, 'kubelet', 'config'];
    return own?.config === undefined ? [] : [{ name: 'kubelet.config' as const, path, value: own.config }];
  });
  return [...ofCluster, ...ofNodes];
}

type Arguments = Readonly<Record<string, readonly string[]>>;

/** Every group of arguments. */
function argumentsOf({ cluster: { kubernetes }, nodes }: Facts): readonly Placed<ProgramName, Arguments>[] {
  const ofCluster = (Object.keys(PROGRAMS) as ProgramName[]).map((name) => ({
    ...{ name, path: [...KUBERNETES, name, 'extra_args'], value: kubernetes[name].extra_args },
  }));
  const ofNodes = nodes.flatMap(({ name, kubelet: own }) => {
    const path = ['nodes', name, 'kubelet', 'extra_args'];
    return own === undefined ? [] : [{ name: 'kubelet' as const, path, value: own.extra_args }];
  });
  return [...ofCluster, ...ofNodes];
}

function refuse(program: string, claim: Claim, path: Path, facts: Facts, report: Report): void {
  const { name, reason, setting } = claim;
  const hint = setting === undefined ? undefined : `remove it; the setting for this is \`${setting}\``;
  report.add('kubernetes/kept-setting', { name, program, reason }, { at: facts.key(path), hint });
}

const keptFields: Rule = {
  name: 'a configuration of Kubernetes leaves alone what coldstart keeps',
  check: (cluster, facts, report) => {
    const check = (program: string, claims: readonly Claim[], path: Path, value: Fields): void => {
      for (const claim of claims) {
        const found = fieldOf(value, claim.path ?? claim.name.split('.'));
        if (found === undefined || claim.accepts(found.value, cluster)) continue;
        refuse(program, claim, [...path, ...found.path], facts, report);
      }
    };
    for (const { name, path, value } of documentsOf(facts))
      check(KINDS[name].program, claimsOn(name, cluster), path, value);
    const { config } = facts.cluster.kubernetes.containerd;
    const path = [...KUBERNETES, 'containerd', 'config'];
    if (config !== undefined) check('containerd', containerdClaims(cluster), path, config);
  },
};

const keptArguments: Rule = {
  name: 'arguments of Kubernetes leave alone what coldstart keeps',
  check: (cluster, facts, report) => {
    for (const { name, path, value } of argumentsOf(facts)) {
      const { program, claims, closed } = programOf(name);
      for (const [argument, values] of Object.entries(value)) {
        const claim = claims.find((one) => one.name === argument);
        const at = [...path, argument];
        if (claim === undefined && closed === true)
          report.add('kubernetes/deprecated-argument', { name: argument, program }, { at: facts.key(at) });
        if (claim !== undefined && !claim.accepts(values, cluster)) refuse(program, claim, at, facts, report);
      }
    }
  },
};

/** etcd refuses to start otherwise (etcd.io/docs/v3.5/tuning). Milliseconds. */
const LEAST_BEATS = 5;
const DEFAULT_TIMES = { 'heartbeat-interval': '500', 'election-timeout': '5000' };

const etcdTimes: Rule = {
  name: 'an election of etcd takes several heartbeats',
  check: ({ kubernetes: { etcd } }, facts, report) => {
    const timeOf = (name: keyof typeof DEFAULT_TIMES): number =>
      Number(etcd.extraArgs[name]?.at(-1) ?? DEFAULT_TIMES[name]);
    const [heartbeat, election] = [timeOf('heartbeat-interval'), timeOf('election-timeout')];
    if (!(election < LEAST_BEATS * heartbeat)) return;
    const written = ['election-timeout', 'heartbeat-interval'].find((name) => name in etcd.extraArgs) ?? '';
    const at = facts.at([...KUBERNETES, 'etcd', 'extra_args', written]);
    report.add('kubernetes/etcd-times', { heartbeat, election, least: LEAST_BEATS * heartbeat }, { at });
  },
};

const used: Rule = {
  name: "settings of Kubernetes' programs are used",
  check: (cluster, facts, report) => {
    const unused = (path: Path, reason: string): void => {
      if (facts.has(path))
        report.add('kubernetes/unused-setting', { name: String(path.at(-1)), reason }, { at: facts.key(path) });
    };
    if (!cluster.kubernetes.kubeProxy.enabled) unused([...KUBERNETES, 'kube_proxy', 'config'], '`enabled` is `false`');
    for (const { name } of cluster.nodes.filter((node) => !isMember(node)))
      unused(['nodes', name, 'kubelet'], 'the node is neither a master nor a worker');
    if (cluster.nodes.some(isMaster)) return;
    for (const name of [...Object.keys(PROGRAMS), 'kube_proxy', 'coredns'])
      unused([...KUBERNETES, name], 'no node is a master or a worker');
  },
};

const servicesServed: Rule = {
  name: 'something serves the services',
  check: ({ kubernetes: { kubeProxy, manifests }, networking: { cni } }, facts, report) => {
    // With Calico or a network of the user's, the network may do it. A manifest may bring another service proxy.
    if (kubeProxy.enabled || cni !== 'routed' || manifests.length > 0) return;
    report.add('kubernetes/no-service-proxy', {}, { at: facts.at([...KUBERNETES, 'kube_proxy', 'enabled']) });
  },
};

/** The permission that a program needs to grant certificates to kubelets, as manifests name it. */
const APPROVAL = 'certificatesigningrequests/approval';

const servingCertificates: Rule = {
  name: 'somebody approves the serving certificates of kubelets',
  check: (cluster, facts, report) => {
    const { manifests } = cluster.kubernetes;
    if (manifests.some(({ content }) => content === null || content.includes(APPROVAL))) return;
    for (const { name, path, value } of documentsOf(facts)) {
      if (name !== 'kubelet.config' || value['serverTLSBootstrap'] !== true || !nodesOf(cluster, path).some(isMember))
        continue;
      report.add('kubernetes/nobody-approves', {}, { at: facts.at([...path, 'serverTLSBootstrap']) });
    }
  },
};

export const componentRules: readonly Rule[] = [
  keptFields,
  keptArguments,
  etcdTimes,
  used,
  servicesServed,
  servingCertificates,
];
