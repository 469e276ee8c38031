//go:build infra

package checks

func faults() []fault { return nil }
