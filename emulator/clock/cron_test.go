package clock

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones on machines without them

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestCronNext(t *testing.T) {
	tests := []struct {
		spec, zone, from string
		want             string // comma-separated, "never" ends it
	}{
		{"0 0 * * *", "", "2026-05-01T12:00:00Z", "2026-05-02T00:00:00Z,2026-05-03T00:00:00Z"},
		{"0 0 * * *", "", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"},             // strictly after
		{"0 0 * * *", "", "2026-05-01T23:59:59.999Z", "2026-05-02T00:00:00Z"},         // fractions
		{"*/15 9-17 * * mon-fri", "", "2026-05-01T17:50:00Z", "2026-05-04T09:00:00Z"}, // Friday evening
		{"@daily", "America/Sao_Paulo", "2026-05-01T12:00:00Z", "2026-05-02T03:00:00Z"},
		{"TZ=America/Sao_Paulo 0 0 * * *", "", "2026-05-01T12:00:00Z", "2026-05-02T03:00:00Z"},
		{"CRON_TZ=Europe/Lisbon\t30 4 * * *", "America/Sao_Paulo", "2026-01-01T12:00:00Z", "2026-01-02T04:30:00Z"},
		{"TZ=UTC @hourly", "", "2026-05-01T12:30:00Z", "2026-05-01T13:00:00Z"},
		{"@every 90m", "", "2026-05-01T12:00:00.5Z", "2026-05-01T13:30:00Z"},
		{"@every 1d12h", "", "2026-05-01T12:00:00Z", "2026-05-03T00:00:00Z"},
		{"  @every   1s ", "", "2026-05-01T12:00:00Z", "2026-05-01T12:00:01Z"},
		{"0 0 29 2 *", "", "2026-05-01T12:00:00Z", "2028-02-29T00:00:00Z,2032-02-29T00:00:00Z"},
		{"0 0 29 2 *", "", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"}, // 2100 is no leap year
		{"0 0 30 2 *", "", "2026-05-01T12:00:00Z", "never"},
		{"0 0 31 4,6,9,11 *", "", "2026-05-01T12:00:00Z", "never"},
		// São Paulo, 15 October 2017, had no midnight: read in the zone, the library runs "0 5 14 10 *" on the 15th and skips "0 0 15 10 *".
		{"0 5 14 10 *", "America/Sao_Paulo", "2017-10-14T12:00:00Z", "2018-10-14T08:00:00Z"},
		{"0 12 15 10 *", "America/Sao_Paulo", "2017-10-14T12:00:00Z", "2017-10-15T14:00:00Z"},
		{"0 0 15 10 *", "America/Sao_Paulo", "2017-10-14T12:00:00Z", "2017-10-15T03:00:00Z,2018-10-15T03:00:00Z"},
		{"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z,2026-03-09T06:30:00Z"},   // skipped: at the change
		{"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z,2026-11-02T06:30:00Z"},   // repeated: once
		{"0 0 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z,2011-12-31T10:00:00Z"},        // a day that never was
		{"0 9 * * 1", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-05T22:30:00Z,2026-04-12T22:30:00Z"}, // half an hour of summer
	}
	for _, tt := range tests {
		t.Run(tt.spec+" "+tt.zone, func(t *testing.T) {
			var loc *time.Location
			if tt.zone != "" {
				loc = zone(t, tt.zone)
			}
			c, err := ParseCron(tt.spec, loc)
			if err != nil {
				t.Fatal(err)
			}
			if c.String() != tt.spec {
				t.Errorf("String = %q", c)
			}
			at, err := time.Parse(time.RFC3339Nano, tt.from)
			if err != nil {
				t.Fatal(err)
			}
			for want := range strings.SplitSeq(tt.want, ",") {
				next, ok := c.Next(at)
				got := "never"
				if ok {
					got = next.Format(time.RFC3339Nano)
				}
				if got != want {
					t.Fatalf("Next(%v) = %s, want %s", at, got, want)
				}
				at = next
			}
		})
	}
}

func TestParseCronRefuses(t *testing.T) {
	for _, spec := range []string{
		"", " ", "TZ=", "CRON_TZ=UTC", "TZ=UTC", "TZ= 0 0 * * *", "TZ=Local 0 0 * * *", "TZ=Nowhere/Land 0 0 * * *", "TZ=../../etc/passwd 0 0 * * *",
		"TZ=UTC TZ=UTC 0 0 * * *", "TZ=UTC TZ=", "0 0 * * TZ=UTC", "0 0 * *", "0 0 0 * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 7",
		"a * * * *", "*/0 * * * *", "5-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "-1 * * * *", ", * * * *", "1,,2 * * * *", "1, * * * *", "*-5 * * * *",
		"99999999999999999999 * * * *", "@reboot", "@", "@every", "@every 1", "@every 0s", "@every 999ms", "@every 1500ms", "@every -1h", "@every 1h 1h", "@hourly now",
	} {
		if c, err := ParseCron(spec, time.UTC); err == nil {
			next, ok := c.Next(noon)
			t.Errorf("ParseCron(%q): no error; next %v, %v", spec, next, ok)
		} else if strings.Contains(err.Error(), "strconv") {
			t.Errorf("ParseCron(%q): %v", spec, err)
		}
	}
	if next, ok := (Cron{}).Next(noon); ok {
		t.Errorf("zero Cron: %v", next)
	}
}

// Any text is either refused or a schedule whose instants grow and match its fields.
func TestCronProperties(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "America/Sao_Paulo"), zone(t, "Europe/Lisbon"), zone(t, "Australia/Lord_Howe"), zone(t, "America/Havana")}
	junk := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789*/,-? @TZ=UCmonevry_\t")), 0, 24, -1)
	fields := rapid.Custom(func(t *rapid.T) string {
		pick := func(low, high int) string {
			n := rapid.IntRange(low, high).Draw(t, "n")
			return rapid.SampledFrom([]string{"*", fmt.Sprint(n), fmt.Sprintf("%d-%d", low, n), fmt.Sprintf("*/%d", n+1)}).Draw(t, "field")
		}
		return strings.Join([]string{pick(0, 59), pick(0, 23), pick(1, 31), pick(1, 12), pick(0, 6)}, " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		c, err := ParseCron(rapid.OneOf(junk, fields).Draw(t, "spec"), loc)
		if err != nil {
			return
		}
		at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at"))
		for range 5 {
			next, ok := c.Next(at)
			if !ok {
				return
			}
			if !next.After(at) || next.Nanosecond() != 0 {
				t.Fatalf("%q: %v after %v", c, next, at)
			}
			at = next
		}
	})
}
