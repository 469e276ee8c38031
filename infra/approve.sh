#!/bin/sh
# Approves Front Door's private link to the function app. It crosses subscriptions, so somebody has to approve it once.
# With more than one pending request it approves none, since anybody can send one.
# Usage: infra/approve.sh <resource group> <function app>, with write permission on the function app.
set -eu
group=${1:?resource group} site=${2:?function app}

pending=$(az network private-endpoint-connection list --resource-group "$group" --name "$site" --type Microsoft.Web/sites \
  --query "[?properties.privateLinkServiceConnectionState.status=='Pending'].id" --output tsv)

case $(printf '%s' "$pending" | grep -c .) in
0) echo "No private link is pending." ;;
1) az network private-endpoint-connection approve --id "$pending" --description "Front Door of $group" --output none
   echo "Approved: $pending" ;;
*) printf 'More than one private link is pending. Approve Front Door'\''s manually and reject the others:\n%s\n' "$pending" >&2
   exit 1 ;;
esac
