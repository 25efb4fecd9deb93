/**
 * The arguments `oidc-*` of the API server as an `AuthenticationConfiguration`, which takes their place: `ToAuthenticationConfig` in
 * pkg/kubeapiserver/options/authentication.go of Kubernetes.
 */
import type { Draft } from '../model.ts';
import { Leaf, OutList, OutMap } from '../write/out.ts';
import { type Argument, textsOf } from './arguments.ts';

const SETTING = '`cluster.kubernetes.api_server.authentication`';

export function putOidc(given: readonly Argument[], { cluster }: Draft): void {
  const known = new Map(given.map((one) => [one.name.replace(/^oidc-/, ''), one]));
  const [issuer, client] = [known.get('issuer-url'), known.get('client-id')];
  if (!issuer || !client) {
    for (const { from } of given) from.lose('OIDC needs an issuer and a client', `write the whole into ${SETTING}`);
    return;
  }
  const url = textOf(issuer);
  const names: Readonly<Record<string, (one: Argument) => void>> = {
    'ca-file': ({ from }) => from.lose('the configuration has the certificate itself', `write it as \`issuer.certificateAuthority\` in ${SETTING}`),
    'signing-algs': ({ from }) => from.lose('the configuration accepts all safe algorithms', 'nothing, unless the issuer signs with others, too'),
  }; // prettier-ignore
  for (const [name, one] of known) names[name]?.(one);
  const claim = known.get('username-claim');
  const mappings = new OutMap({ username: prefixed(claim, 'sub', userPrefix(known, url), known.get('username-prefix')) });
  const groups = known.get('groups-claim');
  if (groups) mappings.put(['groups'], prefixed(groups, '', textOf(known.get('groups-prefix')), known.get('groups-prefix')));
  else known.get('groups-prefix')?.from.skip('no groups are taken');
  const required = known.get('required-claim');
  const rules = (required ? textsOf(required) : []).flatMap((text) => text.split(',')).map((text) => {
    const [name = '', value = ''] = text.split('=');
    return new OutMap({ claim: new Leaf(name, required?.from), requiredValue: new Leaf(value) });
  });
  const jwt = new OutMap({
    issuer: new OutMap({ url: new Leaf(url, issuer.from), audiences: new OutList([new Leaf(textOf(client), client.from)]) }),
    ...(rules.length === 0 ? {} : { claimValidationRules: new OutList(rules) }),
    claimMappings: mappings,
  });
  cluster.put(['kubernetes', 'api_server', 'authentication', 'jwt'], new OutList([jwt]));
} // prettier-ignore

const textOf = (one: Argument | undefined): string => (one === undefined ? '' : textsOf(one).join(','));

/** Users get the issuer in front of their names, unless a prefix is given or the name is an e-mail address. */
function userPrefix(known: ReadonlyMap<string, Argument>, issuer: string): string {
  const given = textOf(known.get('username-prefix'));
  if (given === '-') return '';
  return given === '' && textOf(known.get('username-claim')) !== 'email' ? `${issuer}#` : given;
}

const prefixed = (claim: Argument | undefined, otherwise: string, prefix: string, from: Argument | undefined): OutMap =>
  new OutMap({ claim: new Leaf(textOf(claim) || otherwise, claim?.from), prefix: new Leaf(prefix, from?.from) });
