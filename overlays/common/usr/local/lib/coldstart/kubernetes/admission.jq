# kubernetes/admission.jq: whether a node that shows a certificate for joining may join. $cluster is the namespace kube-system, $node the node of
# the API server or null, $refused the ConfigMap coldstart-refused or null; $name, $serial (hexadecimal) and $begins (YYMMDDhhmmssZ, as
# haproxy's ssl_c_notbefore has it) are the certificate's. Gives {refusal: refused, ready or late}, or {secret}: the token, which
# lasts $life seconds at most.
#
# A refused name is about certificates that were made before: one that is made later proves that whoever builds the images wants the node.

include "window";

def text_of($text): $text | fromjson;

text_of($cluster) as $cluster | text_of($node) as $node | text_of($refused) as $refused
# Certificates are valid from a day before they are made (src/pki/issue/issue.ts, SKEW).
| ("20" + $begins | strptime("%Y%m%d%H%M%SZ") | mktime + 86400) as $issued
| (if $node == null then "new" elif $node | ready then "ready" else "lost" end) as $state
| joins_until($cluster; $ttl; $name; $state; $issued) as $until
| if refused_at($refused; "serial.\($serial)") > 0 or refused_at($refused; "name.\($name)") > $issued then {refusal: "refused"}
  elif $state == "ready" then {refusal: "ready"}
  elif $until <= now then {refusal: "late"}
  else {secret: {
    apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
    metadata: {name: "bootstrap-token-\($id)", namespace: "kube-system", labels: {"joins.coldstart/node": $name}},
    stringData: {
      "token-id": $id, "token-secret": $random,
      expiration: ([$until, now + ($life | tonumber)] | min | floor | todateiso8601),
      description: "lets join: \($name)",
      "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "false",
      "auth-extra-groups": "system:bootstrappers:coldstart:workers"}}}
  end
