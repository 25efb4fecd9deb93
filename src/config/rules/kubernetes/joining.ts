/** Rules about tokens: every setting is used, and secrets are not sent unencrypted. */
import { isIdentity } from '../../content/certificates.ts';
import { credentialFiles } from '../../files/references.ts';
import type { Rule } from '../rule.ts';
import { joinsByToken } from '../../roles.ts';

const storeFits: Rule = {
  name: 'the way of handing out tokens has what it needs',
  check: ({ bootstrap }, facts, report) => {
    const { tokenDistribution: mode, external, token } = bootstrap;
    const at = (key: string) => facts.at(`cluster.bootstrap.${key}`);
    if (mode === 'external' && external === null)
      report.add('bootstrap/external-missing', {}, { at: at('token_distribution') });
    if (mode !== 'external' && external) {
      report.add('bootstrap/external-unused', { mode }, { at: facts.key('cluster.bootstrap.external') });
    }
    if (mode !== 'embedded' && token !== null) report.add('bootstrap/token-unused', { mode }, { at: at('token') });
    if (external?.url.startsWith('http:')) report.add('bootstrap/insecure-store', {}, { at: at('external.url') });
  },
};

/** In seconds. The first master needs minutes to start the API, and other machines start later than it. */
const SHORT_TTL = 600;

const tokensLast: Rule = {
  name: 'tokens are still valid when nodes join',
  check: ({ bootstrap: { tokenTtl: seconds }, nodes }, facts, report) => {
    if (seconds >= SHORT_TTL || !nodes.some(joinsByToken)) return;
    report.add('bootstrap/token-ttl-short', { seconds }, { at: facts.at('cluster.bootstrap.token_ttl') });
  },
};

const storeIsEachNodes: Rule = {
  name: 'the store has a place for the token of each node',
  check: ({ bootstrap: { tokenDistribution, external }, nodes }, facts, report) => {
    const joining = nodes.filter(joinsByToken).length;
    if (tokenDistribution !== 'external' || external === null) return;
    if (joining < 2 || external.url.includes('{node}')) return;
    report.add(
      'bootstrap/shared-place',
      { count: joining, mark: '{node}' },
      { at: facts.at('cluster.bootstrap.external.url') },
    );
  },
};

const bearer = /^[!#-[\]-~]+\n?$/;
const s3 = /^[A-Za-z0-9]+:[A-Za-z0-9/+=_-]+\n?$/;
/** The format of a file of credentials, by type of store: printable ASCII, without quotes and backslashes. */
export const credentialForms = {
  vault: { fits: (text: string) => bearer.test(text), expected: 'a Vault token, in one line' },
  s3: { fits: (text: string) => s3.test(text), expected: '`ACCESS_KEY_ID:SECRET_ACCESS_KEY`, in one line' },
  http: {
    fits: (text: string) => bearer.test(text) || isIdentity(text),
    expected: 'a bearer token, or a certificate and the key that belongs to it (PEM, without a passphrase)',
  },
};

const credentialsFit: Rule = {
  name: 'nodes have something to show to the store, of the kind that it knows',
  check: ({ bootstrap: { tokenDistribution, external } }, facts, report) => {
    if (tokenDistribution !== 'external' || external === null) return;
    const written = facts.cluster.bootstrap.external?.credentials_file;
    if (written === undefined) {
      return report.add('bootstrap/no-credentials', {}, { at: facts.key('cluster.bootstrap.external') });
    }
    const at = facts.at('cluster.bootstrap.external.credentials_file');
    const { fits, expected } = credentialForms[external.type];
    for (const { node, file } of credentialFiles(facts.cluster.bootstrap.external, facts.nodes)) {
      const text = external.credentials[node];
      if (text !== undefined && !fits(text)) report.add('bootstrap/bad-credentials', { file, expected }, { at });
    }
  },
};

export const joiningRules: readonly Rule[] = [storeFits, tokensLast, storeIsEachNodes, credentialsFit];
