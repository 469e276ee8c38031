#!/bin/sh
# Lets Front Door in: the private link that it asks for crosses subscriptions, so that a person has to
# approve it, once. More than one request is refused, since anybody may ask.
# Usage: infra/approve.sh <resource group> <function app>, as one who may write the function app.
set -eu
group=${1:?resource group} site=${2:?function app}

pending=$(az network private-endpoint-connection list --resource-group "$group" --name "$site" --type Microsoft.Web/sites \
  --query "[?properties.privateLinkServiceConnectionState.status=='Pending'].id" --output tsv)

case $(printf '%s' "$pending" | grep -c .) in
0) echo "Nothing asks to be let in." ;;
1) az network private-endpoint-connection approve --id "$pending" --description "Front Door of $group" --output none
   echo "Approved: $pending" ;;
*) printf 'More than one asks to be let in; approve Front Door'\''s by hand, reject the rest:\n%s\n' "$pending" >&2
   exit 1 ;;
esac
