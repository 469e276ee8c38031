package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.print(map[string]any{"version": version, "format": 1, "go": runtime.Version()})
			}
			_, err := fmt.Fprintf(a.out, "sss %s (envelope format 1, %s)\n", version, runtime.Version())
			return err
		},
	}
}
