package openapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sandgate/sandgate/openapi"
)

// inStyle writes a query parameter as its style has it; ok is false for what the style cannot say.
func inStyle(p openapi.Param, v any) (pairs []string, ok bool) {
	name := url.QueryEscape(p.Name)
	by := map[string]string{"spaceDelimited": "%20", "pipeDelimited": "%7C"}[p.Style]
	if by == "" {
		by = ","
	}
	switch v := v.(type) {
	case map[string]any:
		switch {
		case p.Style == "deepObject":
			return formStyles[0].encode(nil, name, v), true
		case p.Explode:
			return formStyles[0].encode(nil, "", v), true
		}
		var texts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, url.QueryEscape(key), url.QueryEscape(fmt.Sprint(v[key])))
		}
		return []string{name + "=" + strings.Join(texts, by)}, true
	case []any:
		if p.Style == "deepObject" {
			return formStyles[0].encode(nil, name, v), true
		}
		var texts []string
		for _, item := range v {
			switch item := item.(type) {
			case map[string]any, []any:
				return nil, false
			case string:
				if strings.Contains(item, ",") {
					return nil, false // with one of them nobody knows
				}
			}
			texts = append(texts, url.QueryEscape(fmt.Sprint(item)))
		}
		if p.Explode {
			return []string{name + "=" + strings.Join(texts, "&"+name+"=")}, true
		}
		return []string{name + "=" + strings.Join(texts, by)}, true
	}
	return []string{name + "=" + url.QueryEscape(fmt.Sprint(v))}, true
}

// Every query parameter that the real contracts have: what its style writes is read as it was meant.
func TestQueriesOfRealContracts(t *testing.T) {
	folder := realContracts(t)
	files, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".md") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := openapi.Load(data)
			if err != nil {
				t.Fatal(err)
			}
			read, written := 0, 0
			for _, o := range d.Operations() {
				p, err := d.Plan(o)
				if err != nil {
					continue
				}
				for i, param := range p.Params {
					if param.In != "query" || param.JSON {
						continue
					}
					if ok, tried := queryRoundTrip(t, p, param, uint64(i)); tried {
						written++
						read += map[bool]int{true: 1}[ok]
					}
				}
			}
			t.Logf("%d of %d query parameters are read as they were meant", read, written)
			if read != written {
				t.Error("not all of them")
			}
		})
	}
}

func queryRoundTrip(t *testing.T, p *openapi.Plan, param openapi.Param, seed uint64) (ok, tried bool) {
	said, sayable := sayable(param.Schema.Sample(openapi.NewFaker(seed, someday), nil))
	if !sayable || param.Schema.Validate(said, "") != nil {
		return false, false
	}
	pairs, can := inStyle(param, said)
	if !can {
		return false, false
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.URL.RawQuery = strings.Join(pairs, "&")
	v, bad := p.Decode(r, nil, nil)
	bad = slices.DeleteFunc(bad, func(v openapi.Violation) bool { return v.Rule == "required" })
	diff := cmp.Diff(said, v.Query[param.Name])
	if diff != "" || len(bad) > 0 {
		t.Errorf("%s %s: ?%s: %v %s", p.Operation.Key(), param.Name, r.URL.RawQuery, bad, diff)
		return false, true
	}
	return true, true
}
