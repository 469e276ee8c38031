#!/bin/sh
# Deploys a package to the function app of the hardened size, which is reachable only from its virtual network. A
# container in the subnet for deployments downloads the package, checks its hash and deploys it, with the identity
# that may write the function app. The container is deleted at the end.
# Usage: infra/deploy.sh <name of the environment> <URL of handler.zip> <its SHA-256>
# The hosts of the URL must be in packageHosts. You need the permission to create containers in the resource group.
set -eu
name=${1:?name of the environment} url=${2:?URL of handler.zip} sum=${3:?its SHA-256}
group=rg-$name container=deploy-$name

site=$(az functionapp list --resource-group "$group" --query "[0].name" --output tsv)
scm=$(az functionapp show --resource-group "$group" --name "$site" --query "hostNameSslStates[?hostType=='Repository'].name | [0]" --output tsv)
identity=$(az identity show --resource-group "$group" --name "id-$name-deploy" --query id --output tsv)
subnet=$(az network vnet subnet show --resource-group "$group" --vnet-name "vnet-$name" --name deployment --query id --output tsv)

# The script in the container. Status 4 is success, 3 is failure.
# shellcheck disable=SC2016 # expanded in the container
inside='set -eu
curl --fail --silent --show-error --location --output /tmp/handler.zip "$PACKAGE"
echo "$SUM  /tmp/handler.zip" | sha256sum --check
az login --identity --resource-id "$IDENTITY" --output none
token=$(az account get-access-token --query accessToken --output tsv)
call() { printf "header = \"Authorization: Bearer %s\"" "$token" | curl --config - --fail-with-body --silent --show-error "$@"; }
call --header "Content-Type: application/zip" --data-binary @/tmp/handler.zip "https://$SCM/api/publish?RemoteBuild=false&Deployer=sh"
for _ in $(seq 60); do
  sleep 5
  status=$(call "https://$SCM/api/deployments/latest" | python3 -c "import json, sys; print(json.load(sys.stdin)[\"status\"])")
  case $status in 4) echo "Deployed."; exit 0 ;; 3) echo "Failed."; exit 1 ;; esac
done
echo "Not finished after five minutes."; exit 1'

trap 'az container delete --resource-group "$group" --name "$container" --yes --output none' EXIT
az container create --resource-group "$group" --name "$container" --image mcr.microsoft.com/azure-cli:2.80.0 --os-type Linux --cpu 1 --memory 1 \
  --restart-policy Never --subnet "$subnet" --assign-identity "$identity" --output none \
  --environment-variables PACKAGE="$url" SUM="$sum" SCM="$scm" IDENTITY="$identity" SCRIPT="$inside" --command-line "sh -c 'eval \"\$SCRIPT\"'"

while state=$(az container show --resource-group "$group" --name "$container" --query "containers[0].instanceView.currentState.state" --output tsv) &&
  [ "$state" != Terminated ]; do sleep 5; done
az container logs --resource-group "$group" --name "$container"
[ "$(az container show --resource-group "$group" --name "$container" --query "containers[0].instanceView.currentState.exitCode" --output tsv)" = 0 ]
