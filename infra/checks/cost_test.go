package checks

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	charge = regexp.MustCompile(`(?m)^\| ([^|*]+) \| ([^|]*×[^|]*) \| ([\d.,]+) \| \w \|$`)
	total  = regexp.MustCompile(`(?m)^\| \*\*(lean|hardened), idle\*\* \| \| \*\*([\d.,]+)\*\* \| \|$`)
	number = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`)
)

const leanLimit = 15 // US dollars a month, idle

// The products and sums of both bills are right, and lean stays below its limit.
func TestCostsAddUp(t *testing.T) {
	for size, bill := range bills(t) {
		charges, sum := charge.FindAllStringSubmatch(bill, -1), 0.0
		if len(charges) < 5 {
			t.Fatalf("%s has %d charges", size, len(charges))
		}
		for _, c := range charges {
			product := 1.0
			for _, factor := range number.FindAllString(c[2], -1) {
				product *= amount(t, factor)
			}
			if stated := amount(t, c[3]); math.Abs(product-stated) > 0.006 {
				t.Errorf("%s: %s is %.3f, not %v", size, c[1], product, stated)
			}
			sum += amount(t, c[3])
		}
		stated := amount(t, total.FindStringSubmatch(bill)[2])
		if math.Abs(sum-stated) > 0.006 {
			t.Errorf("%s adds up to %.2f, not %.2f", size, sum, stated)
		}
		if size == "lean" && stated >= leanLimit {
			t.Errorf("lean costs %.2f dollars a month, want less than %d", stated, leanLimit)
		}
	}
}

// Resources that are billed by number are deployed in that number.
func TestCostsCountTheDeployedResources(t *testing.T) {
	counted := map[string]string{
		"Microsoft.Insights/scheduledQueryRules": "log alerts",
		"Microsoft.Network/privateEndpoints":     "private endpoints",
		"Microsoft.Network/privateDnsZones":      "private DNS zones",
		"Microsoft.Storage/storageAccounts":      "Defender for Storage",
		"Microsoft.Network/azureFirewalls":       "Azure Firewall",
		"Microsoft.Cdn/profiles":                 "Front Door",
	}
	for size, bill := range bills(t) {
		d := load(t, "..", size)
		for kind, name := range counted {
			billed := 0
			for _, c := range charge.FindAllStringSubmatch(bill, -1) {
				if !strings.HasPrefix(c[1], name) {
					continue
				}
				if first := amount(t, number.FindString(c[2])); first == 730 {
					billed++ // hours of one
				} else {
					billed += int(first)
				}
			}
			if is := len(d.Of(kind)); is != billed && (size == "hardened" || kind == "Microsoft.Insights/scheduledQueryRules") {
				t.Errorf("%s: %d %s are deployed, %d are billed", size, is, kind, billed)
			}
		}
	}
}

func bills(t *testing.T) map[string]string {
	t.Helper()
	page := source(t, "../../docs/cost.md")
	_, lean, _ := strings.Cut(page, "\n## Lean\n")
	lean, hardened, found := strings.Cut(lean, "\n## Hardened\n")
	hardened, _, end := strings.Cut(hardened, "\n## ")
	if !found || !end {
		t.Fatal("docs/cost.md does not have two bills")
	}
	return map[string]string{"lean": lean, "hardened": hardened}
}

func amount(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
