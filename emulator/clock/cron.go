package clock

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is a recurring instant. Only the library's parser and its Next are used, and only where they can be trusted:
// it panics on a zone without fields, drops empty list parts, and errs around daylight saving.
type Cron struct {
	spec  string
	loc   *time.Location
	next  cron.Schedule
	every bool
}

// ParseCron reads five fields (minute, hour, day of month, month, day of week), @yearly, @monthly, @weekly, @daily, @hourly,
// or "@every 90m" (whole seconds, d allowed). Fields are read in loc (nil: UTC), unless the spec begins with TZ=Zone or CRON_TZ=Zone.
// A spec that never comes, such as 30 February, is accepted here: its Next says so.
func ParseCron(spec string, loc *time.Location) (Cron, error) {
	c, err := parseCron(strings.Fields(spec), loc)
	if err != nil {
		return Cron{}, fmt.Errorf("cron %q: %w", spec, err)
	}
	c.spec = spec
	return c, nil
}

func parseCron(fields []string, loc *time.Location) (Cron, error) {
	if loc == nil {
		loc = time.UTC
	}
	if len(fields) > 0 {
		if name, ok := zoneName(fields[0]); ok {
			zone, err := time.LoadLocation(name)
			if name == "" || name == "Local" || err != nil {
				return Cron{}, fmt.Errorf("unknown time zone %q", name)
			}
			fields, loc = fields[1:], zone
		}
	}
	if len(fields) == 0 {
		return Cron{}, errors.New("expected five fields or an @ name, got none")
	}
	if fields[0] == "@every" {
		return parseEvery(fields[1:], loc)
	}
	if err := checkFields(fields); err != nil {
		return Cron{}, err
	}
	next, err := cron.ParseStandard(strings.Join(fields, " "))
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), ": strconv.") // the field is enough
		return Cron{}, errors.New(text)
	}
	if s, ok := next.(*cron.SpecSchedule); ok {
		s.Location = time.UTC // see Next
	}
	return Cron{loc: loc, next: next}, nil
}

func parseEvery(args []string, loc *time.Location) (Cron, error) {
	if len(args) != 1 {
		return Cron{}, errors.New("@every expects one duration")
	}
	d, err := ParseDuration(args[0])
	if err != nil {
		return Cron{}, err
	}
	if d < time.Second || d%time.Second != 0 {
		return Cron{}, fmt.Errorf("@every expects whole seconds, at least 1s, got %s", args[0])
	}
	return Cron{loc: loc, next: cron.Every(d), every: true}, nil
}

// checkFields refuses what the library would silently drop or panic on.
func checkFields(fields []string) error {
	for _, field := range fields {
		if _, ok := zoneName(field); ok {
			return errors.New("a time zone stands once, in front of the fields")
		}
		for part := range strings.SplitSeq(field, ",") {
			if part == "" {
				return fmt.Errorf("empty part in the list %q", field)
			}
			if strings.HasPrefix(part, "*-") || strings.HasPrefix(part, "?-") {
				return fmt.Errorf("a range cannot begin with %s: %q", part[:1], part)
			}
		}
	}
	return nil
}

func zoneName(field string) (string, bool) {
	if name, ok := strings.CutPrefix(field, "TZ="); ok {
		return name, true
	}
	return strings.CutPrefix(field, "CRON_TZ=")
}

// String is the spec as it was given.
func (c Cron) String() string { return c.spec }

// Next is the first instant after t, in UTC; false when there is none within ten years (or in a zero Cron).
// A time of day that a daylight-saving change skips comes at the change; one that it repeats comes once.
func (c Cron) Next(t time.Time) (time.Time, bool) {
	if c.next == nil {
		return time.Time{}, false
	}
	if c.every {
		return c.next.Next(t).UTC(), true
	}
	// The library works on the zone's wall clock written as UTC, where no day has a hole.
	wall := wallClock(t.In(c.loc))
	for limit := wall.Year() + 11; wall.Year() < limit; {
		next := c.next.Next(wall)
		if next.IsZero() { // it gives up after five years; 29 February can be eight away
			wall = time.Date(wall.Year()+6, 1, 1, 0, 0, -1, 0, time.UTC)
			continue
		}
		if at := inZone(next, c.loc); at.After(t) {
			return at.UTC(), true
		}
		wall = next
	}
	return time.Time{}, false
}

// inZone is the instant at which clocks in loc show what wall shows in UTC, or the change that skips it.
func inZone(wall time.Time, loc *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, loc)
	start, end := at.ZoneBounds()
	switch shown := wallClock(at); {
	case shown.Equal(wall):
		return at
	case shown.After(wall):
		return start
	}
	return end
}

// wallClock is what a clock in t's zone shows, written as UTC, without fractions of a second.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
