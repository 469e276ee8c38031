package checks

// reasons say of each size why something may be reached from the internet. What is not
// here must not be.
var reasons = map[string]map[string]string{
	"lean": {
		"Insights/components publicNetworkAccessForIngestion":            byIdentity,
		"Insights/components publicNetworkAccessForQuery":                byIdentity,
		"KeyVault/vaults publicNetworkAccess":                            byIdentity,
		"OperationalInsights/workspaces publicNetworkAccessForIngestion": byIdentity,
		"OperationalInsights/workspaces publicNetworkAccessForQuery":     byIdentity,
		"Storage/storageAccounts publicNetworkAccess":                    byIdentity,
		"Web/sites publicNetworkAccess":                                  "the API: everybody comes here, and shows proofs",
		"Web/staticSites publicNetworkAccess":                            "the page: files that are the same for everybody",
	},
	"hardened": {
		"Cdn/profiles/afdEndpoints enabledState":                         "the edge: the one way in, behind its firewall",
		"Insights/components publicNetworkAccessForIngestion":            telemetry,
		"Insights/components publicNetworkAccessForQuery":                telemetry,
		"Logic/workflows state":                                          "Defender calls the playbooks by a signed address; a person needs a token of Entra, and one of the object ids that are listed",
		"Network/publicIPAddresses":                                      "the firewall's own address: calls go out by it, nothing comes in",
		"OperationalInsights/workspaces publicNetworkAccessForIngestion": telemetry,
		"OperationalInsights/workspaces publicNetworkAccessForQuery":     telemetry,
		"ServiceBus/namespaces publicNetworkAccess":                      "Standard has no private endpoint: identities alone are let in, no keys; `busTier = 'Premium'` closes it",
		"Web/staticSites publicNetworkAccess":                            "the page: files that are the same for everybody; its configuration answers nothing that did not come through this Front Door",
	},
}

const (
	byIdentity = "a network of its own costs more than the service: an identity with a role is let in, keys are switched off"
	telemetry  = "no keys: identities alone send and query; a private link scope would take over the name resolution of every network it is linked to"
)
