/** Rules about the content of manifests beside the definition: they contain Kubernetes objects that `kubectl apply` accepts. */
import { type Document, LineCounter, type YAMLMap, isMap, isScalar, parseAllDocuments, visit } from 'yaml';
import type { Location } from '../../../diagnostics/diagnostic.ts';
import type { Report } from '../../../diagnostics/report.ts';
import { isUrl } from '../../files/references.ts';
import { checkObject } from './manifest-objects.ts';
import { type Facts, type Rule } from '../rule.ts';

/** A manifest, by the name in the definition. */
interface Named {
  readonly file: string;
  readonly setting: string;
}

function named({ cluster: { kubernetes, networking } }: Facts): readonly Named[] {
  const { calico_manifest: calico, cni } = networking;
  const own = kubernetes.manifests.map((file, index) => ({ file, setting: `cluster.kubernetes.manifests[${index}]` }));
  const ofCalico = calico === undefined || cni !== 'calico' ? [] : [calico];
  const setting = 'cluster.networking.calico_manifest';
  return [...ofCalico.map((file) => ({ file, setting })), ...own].filter(({ file }) => !isUrl(file));
}

const objects: Rule = {
  name: 'a manifest holds objects of Kubernetes',
  check: ({ kubernetes: { version } }, facts, report) => {
    for (const { file, setting } of named(facts)) {
      const text = facts.texts.get(file);
      if (text !== undefined) checkManifest({ file, text, version }, facts.at(setting), report);
    }
  },
};

interface Written {
  readonly file: string;
  readonly text: string;
  /** Of Kubernetes. */
  readonly version: string;
}

function checkManifest({ file, text, version }: Written, setting: Location, report: Report): void {
  const lines = new LineCounter();
  const documents = [
    ...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, stringKeys: true }),
  ] as Document[];
  const related = [{ message: 'named here', at: setting }];
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: 1, path: '' };
  };
  const fault = documents.flatMap(({ errors }) => errors)[0]?.pos[0] ?? documents.flatMap(unknownAliases)[0];
  if (fault !== undefined) {
    const line = text.slice(text.lastIndexOf('\n', fault) + 1).split('\n', 1)[0] ?? '';
    const isTemplate = /\{\{.*\}\}/.test(line);
    const code = isTemplate ? 'kubernetes/manifest-template' : 'kubernetes/manifest-not-yaml';
    return report.add(code, { path: file }, { at: at(fault), related });
  }
  const full = documents.filter(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  );
  if (full.length === 0) return report.add('kubernetes/manifest-empty', { path: file }, { at: at(0), related });
  const odd = full.find((document) => missingIn(document, file) !== undefined);
  if (!odd) {
    for (const document of full) {
      checkObject(file, document, version, (code, values, offset, hint) =>
        report.add(code, values, { at: at(offset), related, hint }),
      );
    }
    return;
  }
  const placement = { at: at(odd.contents?.range?.[0] ?? 0), related };
  if (isKustomization(odd, file)) report.add('kubernetes/manifest-kustomization', { path: file }, placement);
  else report.add('kubernetes/manifest-no-object', { path: file, missing: missingIn(odd, file) ?? '' }, placement);
}

/** The offsets of aliases without an earlier anchor of that name (YAML 1.2, 7.1). */
function unknownAliases(document: Document): readonly number[] {
  const found: number[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) found.push(alias.range?.[0] ?? 0);
    },
  });
  return found;
}

/** A kustomization file may omit `kind` and `apiVersion`: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
function isKustomization({ contents }: Document, file: string): boolean {
  if (!isMap(contents)) return false;
  if (!contents.has('kind'))
    return contents.has('resources') || /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file);
  return (
    (contents.get('kind') === 'Kustomization' && !isOfFlux(contents)) ||
    /^kustomize\.config\.k8s\.io\//.test(String(contents.get('apiVersion')))
  );
}

/** Flux has objects of kind `Kustomization` (https://fluxcd.io/flux/components/kustomize/kustomizations/). */
const isOfFlux = (contents: YAMLMap): boolean =>
  /^kustomize\.toolkit\.fluxcd\.io\//.test(String(contents.get('apiVersion')));

/** Required fields that a document lacks, in words: https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields */
function missingIn(document: Document, file: string): string | undefined {
  const { contents } = document;
  if (isKustomization(document, file)) return '`kubectl kustomize`';
  const fields = ['apiVersion', 'kind'].filter((field) => !isMap(contents) || typeof contents.get(field) !== 'string');
  return fields.length === 0 ? undefined : fields.map((field) => `\`${field}\``).join(' and ');
}

export const manifestContentRules: readonly Rule[] = [objects];
