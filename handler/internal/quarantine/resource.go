package quarantine

import (
	"slices"
	"strings"
	"unicode"
)

// resourcesOf returns the ARM ids in an alert: in its list of resources, in two of
// its members, and in its entities at any depth.
func resourcesOf(doc document, refs references) ([]string, error) {
	var found resources
	identifiers, err := doc.list("resourceIdentifiers")
	if err != nil {
		return nil, err
	}
	for _, item := range identifiers {
		id, err := refs.resolve(item).text("azureResourceId")
		if err != nil {
			return nil, err
		}
		found.add(id)
	}
	for _, name := range []string{"azureResourceId", "compromisedEntity"} {
		id, err := doc.text(name)
		if err != nil {
			return nil, err
		}
		found.add(id)
	}
	found.addWithin(doc["entities"], refs, map[string]bool{})
	return found, nil
}

// resources is a set of ARM ids, in the order in which they were found.
type resources []string

// add adds a text that is an ARM id, and ignores any other: the name of an entity may be any text.
func (r *resources) add(text string) {
	if id := normalize(text); id != "" && !slices.Contains(*r, id) {
		*r = append(*r, id)
	}
}

// addWithin adds the ids in entities. seen has the references that were followed, since they may form a cycle.
func (r *resources) addWithin(value any, refs references, seen map[string]bool) {
	switch value := value.(type) {
	case []any:
		for _, inner := range value {
			r.addWithin(inner, refs, seen)
		}
	case document:
		if ref, is := value["$ref"].(string); is && !seen[ref] {
			seen[ref] = true
			r.addWithin(refs[ref], refs, seen)
		}
		for name, inner := range value {
			if text, is := inner.(string); is && (name == "resourceid" || name == "azureresourceid" || name == "azureid") {
				r.add(text)
			} else {
				r.addWithin(inner, refs, seen)
			}
		}
	}
}

// normalize returns an ARM id in the form in which ids are compared, or "" for any other text.
func normalize(text string) string {
	id := strings.ToLower(strings.TrimSuffix(text, "/"))
	parts := strings.Split(id, "/")
	if len(id) > maxMember || len(parts) < 3 || parts[0] != "" || parts[1] != "subscriptions" {
		return ""
	}
	for _, part := range parts[1:] {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, isOdd) {
			return ""
		}
	}
	return id
}

func isOdd(c rune) bool { return unicode.IsControl(c) || strings.ContainsRune(`%?#\<>&`, c) }

// typeOf returns the type of a resource, such as microsoft.keyvault/vaults/keys, or
// subscriptions or subscriptions/resourcegroups.
func typeOf(id string) string {
	parts := strings.Split(id, "/")[1:]
	name, start := "", 0
	for i, part := range parts {
		if part == "providers" && i%2 == 0 && i+1 < len(parts) {
			name, start = parts[i+1], i+2
		}
	}
	for i := start; i < len(parts); i += 2 {
		name += "/" + parts[i]
	}
	return strings.TrimPrefix(name, "/")
}

// isWithin reports whether a resource is the other one or lies within it.
func isWithin(id, other string) bool { return id == other || strings.HasPrefix(id, other+"/") }
