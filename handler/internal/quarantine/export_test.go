package quarantine

// Mapped returns the types of resources that the mapping tells apart.
func Mapped() (names []string) {
	for _, r := range mapping {
		if r.names != "" {
			names = append(names, r.names)
		}
	}
	return names
}
