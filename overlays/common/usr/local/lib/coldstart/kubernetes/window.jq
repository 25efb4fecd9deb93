# kubernetes/window.jq: which nodes may join, and until when. A member that is gone may, always. One that never was a member may until
# $ttl seconds after the later of two moments: the beginning of the cluster (the creation of the namespace kube-system, $cluster), and
# $issued, when its certificate for joining was made (0 for none); or until an hour after a person renewed it.

def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");

def seconds: fromdateiso8601? // 0;

# When a person refused what has this key in $refused, the ConfigMap coldstart-refused; 0 if nobody did.
def refused_at($refused; $key): $refused.data[$key] // "" | seconds;

# joins_until: of a node by its name and state (ready, lost, new), in seconds since 1970.
def joins_until($cluster; $ttl; $name; $state; $issued):
  if $state == "ready" then 0
  elif $state == "lost" then now + 900
  else [
    ([($cluster.metadata.creationTimestamp | seconds), $issued] | max) + ($ttl | tonumber),
    ($cluster.metadata.annotations["renewed.coldstart/\($name)"] // "" | seconds) + 3600
  ] | max end;
