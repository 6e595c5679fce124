package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandgate/sandgate/scenarios"
)

// envName is the environment variable of a flag. A client's token is the
// server's --control-token.
func envName(flag string) string {
	if flag == "token" {
		flag = "control-token"
	}
	return "SANDGATE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// settle gives every flag that was not on the command line its value from the
// environment, else from the file.
func (a *app) settle(cmd *cobra.Command) error {
	if a.config == "" {
		a.config = a.getenv(envName("config"))
	}
	file, err := a.readConfig(cmd.Root())
	if err != nil {
		return err
	}
	var first error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if first != nil || f.Name == "help" || f.Name == "config" {
			return
		}
		name := envName(f.Name)
		env, inFile := a.getenv(name), file[f.Name]
		switch {
		case f.Changed:
			a.source[f.Name] = "flag"
		case env != "":
			a.source[f.Name] = "env"
			first = setFlag(f, "environment variable "+name, strings.Split(env, ","), env)
		case inFile != nil:
			a.source[f.Name] = "file"
			first = setFlag(f, a.config+": "+f.Name, inFile, strings.Join(inFile, ","))
		default:
			a.source[f.Name] = "default"
		}
	})
	return first
}

// warnOfStrangers names the environment variables that look like ours and are
// none: a mistyped one would leave its setting at the default, unnoticed.
func warnOfStrangers(environ []string, stderr io.Writer) {
	var strange []string
	for _, pair := range environ {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "SANDGATE_") {
			strange = append(strange, name)
		}
	}
	if len(strange) == 0 {
		return
	}
	a := &app{getenv: func(string) string { return "" }, source: map[string]string{}}
	known := []string{"SANDGATE_PROVIDERS", secretKeyEnv}
	for flag := range allFlags(a.root(), map[string]bool{}) {
		known = append(known, envName(flag))
	}
	slices.Sort(strange)
	for _, name := range strange {
		if !slices.Contains(known, name) {
			fmt.Fprintf(stderr, "sandgate: environment variable %s means nothing%s\n", clean(name), suggest("", name, known))
		}
	}
}

func setFlag(f *pflag.Flag, from string, list []string, single string) error {
	var err error
	if many, ok := f.Value.(pflag.SliceValue); ok {
		err = many.Replace(list)
	} else {
		err = f.Value.Set(strings.TrimSpace(single))
	}
	if err != nil {
		return usagef("%s: %q is no %s", from, single, f.Value.Type())
	}
	return nil
}

// readConfig reads a file of flags. A name that no command has is an error.
func (a *app) readConfig(root *cobra.Command) (map[string][]string, error) {
	if a.config == "" {
		return nil, nil
	}
	data, err := os.ReadFile(a.config)
	if err != nil {
		return nil, usagef("--config: %s", err)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(data, &raw); err != nil {
		return nil, usagef("--config: %s: %s", a.config, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	known := allFlags(root, map[string]bool{})
	out := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if !known[name] {
			return nil, usagef("--config: %s: no command has a flag %q%s", a.config, name, suggest("", name, slices.Sorted(maps.Keys(known))))
		}
		if out[name], err = values(raw[name]); err != nil {
			return nil, usagef("--config: %s: %s: %s", a.config, name, err)
		}
	}
	return out, nil
}

// values reads a scalar, a list, or a mapping of path to value.
func values(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, fmt.Errorf("has no value")
	case []any:
		var out []string
		for _, item := range v {
			one, err := values(item)
			if err != nil {
				return nil, err
			}
			out = append(out, one...)
		}
		return out, nil
	case map[string]any:
		var out []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			one, err := values(v[name])
			if err != nil || len(one) != 1 {
				return nil, fmt.Errorf("%s has no single value", name)
			}
			out = append(out, name+"="+one[0])
		}
		return out, nil
	}
	return []string{fmt.Sprint(v)}, nil
}

func allFlags(cmd *cobra.Command, into map[string]bool) map[string]bool {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { into[f.Name] = f.Name != "help" && f.Name != "config" })
	for _, sub := range cmd.Commands() {
		allFlags(sub, into)
	}
	return into
}

// suggest ends a message about an unknown word with the nearest known one, or
// with the whole choice when it is short.
func suggest(prefix, word string, known []string) string {
	best := scenarios.Nearest(word, known)
	switch {
	case best != "":
		return "; did you mean " + prefix + best + "?"
	case len(known) > 0 && len(known) <= 12:
		slices.Sort(known)
		return "; there are " + prefix + strings.Join(known, ", "+prefix)
	}
	return ""
}
