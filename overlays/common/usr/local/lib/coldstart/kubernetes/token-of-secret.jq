# kubernetes/token-of-secret.jq: the secret $name of a list becomes {token, expires}, as a store and a joining node get it.

.items[] | select(.metadata.name == $name) | .data | map_values(@base64d)
| {token: "\(."token-id").\(."token-secret")", expires: .expiration}
