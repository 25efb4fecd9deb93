/** Rules about labels and taints: users set no names that Kubernetes sets itself. */
import { type Rule } from '../rule.ts';

/** Labels that the kubelet sets whenever it registers its node (kubernetes.io, "Well-Known Labels"). */
const KUBELET_LABELS = /^(kubernetes\.io\/(hostname|os|arch)|beta\.kubernetes\.io\/(os|arch))$/;

const labelsAreFree: Rule = {
  name: 'a label is not one that the kubelet sets',
  check: (_, facts, report) => {
    for (const { name, labels = {} } of facts.nodes) {
      for (const key of Object.keys(labels).filter((one) => KUBELET_LABELS.test(one))) {
        report.add('node/label-of-kubelet', { node: name, key }, { at: facts.key(['nodes', name, 'labels', key]) });
      }
    }
  },
};

/** Taints that the node controller or a cloud controller sets and removes (kubernetes.io, "Taints and Tolerations"). */
const CONTROLLER_TAINTS = /^node(\.cloudprovider)?\.kubernetes\.io\//;

const taintsAreFree: Rule = {
  name: "a taint is not one of Kubernetes' own",
  check: (_, facts, report) => {
    for (const { name, taints = [] } of facts.nodes) {
      taints.forEach(({ key }, index) => {
        if (!CONTROLLER_TAINTS.test(key)) return;
        report.add('node/taint-of-kubernetes', { node: name, key }, { at: facts.at(['nodes', name, 'taints', index]) });
      });
    }
  },
};

export const kubernetesNameRules: readonly Rule[] = [labelsAreFree, taintsAreFree];
