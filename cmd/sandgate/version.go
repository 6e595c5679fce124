package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/sandgate/sandgate/openapi"
)

// version is set by -ldflags "-X main.version=…"; else it is what Go knows
// about the build.
var version string

func versionOf() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

// contractInfo says which contract is built in: its own version and date, and
// the hash that tells two of them apart.
type contractInfo struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version string `json:"version"`
	Date    string `json:"date,omitempty"`
	Hash    string `json:"hash"`
}

func contracts() ([]contractInfo, error) {
	var out []contractInfo
	for _, name := range openapi.Names() {
		d, err := openapi.Embedded(name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(d.Raw())
		c := contractInfo{Name: name, Title: d.Title(), Version: d.Version(), Hash: hex.EncodeToString(sum[:6])}
		if raw := d.Field("x-sandgate-date"); raw != nil {
			if err := json.Unmarshal(raw, &c.Date); err != nil {
				return nil, fmt.Errorf("contract %s: x-sandgate-date: %w", name, err)
			}
		}
		out = append(out, c)
	}
	return out, nil
}

func (a *app) version() *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Print the version, and those of Go, SQLite and the contracts", Args: exactly()}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		all, err := contracts()
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printJSON(map[string]any{
				"version": versionOf(), "go": runtime.Version(), "sqlite": sqlite3.SQLITE_VERSION,
				"platform": runtime.GOOS + "/" + runtime.GOARCH, "contracts": all,
			})
		}
		fmt.Fprintf(a.stdout, "sandgate %s\n%s %s/%s\nSQLite %s\n", versionOf(), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite3.SQLITE_VERSION)
		for _, c := range all {
			date := ""
			if c.Date != "" {
				date = " of " + c.Date
			}
			fmt.Fprintf(a.stdout, "contract %s: %s %s%s, %s\n", c.Name, c.Title, c.Version, date, c.Hash)
		}
		return nil
	}
	return cmd
}
