package scenarios

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
)

var calendarFunctions = []*function{
	cronFunction,
	pure(2, 3, "addMonths(t, n[, anchorDay])", "n months after t, on the anchor day (default: the day of t), or the last day of a shorter month", addMonths),
	pure(2, 2, "addDays(t, n)", "n days of 24 hours after t", addDays),
	pure(1, 1, "dayOf(t)", "the day (UTC) of t as '2026-01-31'", ofDay(func(t time.Time) any { return t.Format(time.DateOnly) })),
	pure(1, 1, "endOfDay(t)", "the last millisecond (UTC) of the day of t", ofDay(func(t time.Time) any {
		return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond)
	})),
	pure(1, 1, "monthOf(t)", "1 to 12", ofDay(func(t time.Time) any { return int(t.Month()) })),
	pure(1, 1, "yearOf(t)", "the year, such as 2026", ofDay(func(t time.Time) any { return t.Year() })),
	pure(1, 1, "weekday(t)", "0 for Sunday to 6 for Saturday", ofDay(func(t time.Time) any { return int(t.Weekday()) })),
	pure(2, 2, "businessDay(t, holidays)", "t, or the next day that is no Saturday, Sunday or holiday ('12-25', '2026-11-20', 'easter-2')", businessDay),
}

var cronFunction = &function{
	doc: FunctionDoc{Usage: "cron(schedule, t)", About: "the first instant of a five-field UTC schedule at or after t; nil when the schedule is unreadable or never comes"},
	min: 2, max: 2, call: cronAfter, reads: true,
	first: func(v any) error {
		if s, ok := v.(string); ok {
			_, err := parseSchedule(s)
			return err
		}
		return nil
	},
}

func parseSchedule(spec string) (clock.Cron, error) {
	if len(spec) > 200 || len(strings.Fields(spec)) != 5 {
		return clock.Cron{}, errors.New("cron: a schedule has five fields: minute, hour, day of month, month, day of week")
	}
	return clock.ParseCron(spec, time.UTC)
}

// ofDay is a function of a time in UTC.
func ofDay(f func(time.Time) any) call {
	return func(args ...any) (any, error) {
		t, err := timeOf("a calendar function", args[0])
		if t == nil || err != nil {
			return nil, err
		}
		return f(t.UTC()), nil
	}
}

func cronAfter(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	spec, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("cron: the schedule is text, not %s", describe(args[0]))
	}
	t, err := timeOf("cron", args[1])
	if t == nil || err != nil {
		return nil, err
	}
	c, err := parseSchedule(spec)
	if err != nil {
		return nil, nil // unreadable, as number('x') is
	}
	next, ok := c.Next(t.Add(-time.Nanosecond))
	if !ok {
		return nil, nil
	}
	return next, nil
}

// timeAndCount reads a time and a whole number of days or months.
func timeAndCount(name string, args []any, most int) (*time.Time, int, error) {
	t, err := timeOf(name, args[0])
	if t == nil || err != nil || args[1] == nil {
		return nil, 0, err
	}
	n, ok := toInt(args[1])
	if !ok || abs(n) > most {
		return nil, 0, fmt.Errorf("%s: n is a whole number up to %d", name, most)
	}
	u := t.UTC()
	return &u, n, nil
}

func addMonths(args ...any) (any, error) {
	t, n, err := timeAndCount("addMonths", args, 12000)
	if t == nil || err != nil {
		return nil, err
	}
	day := t.Day()
	if len(args) == 3 && args[2] != nil {
		var ok bool
		if day, ok = toInt(args[2]); !ok || day < 1 || day > 31 {
			return nil, errors.New("addMonths: the anchor day is from 1 to 31")
		}
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return first.AddDate(0, 0, min(day, last)-1), nil
}

func addDays(args ...any) (any, error) {
	t, n, err := timeAndCount("addDays", args, 400000)
	if t == nil || err != nil {
		return nil, err
	}
	return t.AddDate(0, 0, n), nil
}

func businessDay(args ...any) (any, error) {
	given, err := timeOf("businessDay", args[0])
	if given == nil || err != nil {
		return nil, err
	}
	list, err := listOf(args[1])
	if err != nil {
		return nil, err
	}
	days := make([]holiday, len(list))
	for i, v := range list {
		var ok bool
		if days[i], ok = parseHoliday(v); !ok {
			return nil, errors.New("businessDay: a holiday is '12-25', '2026-11-20', 'easter' or 'easter-48'")
		}
	}
	t := given.UTC()
	for range 400 {
		if wd := t.Weekday(); wd != time.Saturday && wd != time.Sunday && !isHoliday(t, days) {
			return t, nil
		}
		t = t.AddDate(0, 0, 1)
	}
	return nil, errors.New("businessDay: every day is a holiday")
}

// holiday is a day of each year, of one year, or so many days from Easter.
type holiday struct {
	date   string // 12-25 or 2026-11-20
	easter bool
	offset int
}

func parseHoliday(v any) (holiday, bool) {
	s, _ := v.(string)
	if rest, ok := strings.CutPrefix(s, "easter"); ok {
		if rest == "" {
			return holiday{easter: true}, true
		}
		n, err := strconv.Atoi(rest)
		return holiday{easter: true, offset: n}, err == nil && abs(n) <= 200 && (rest[0] == '-' || rest[0] == '+')
	}
	whole := s
	if len(s) == len("12-25") {
		whole = "2024-" + s // a leap year has every day
	}
	_, err := time.Parse(time.DateOnly, whole)
	return holiday{date: s}, err == nil
}

func isHoliday(t time.Time, days []holiday) bool {
	date := t.Format(time.DateOnly)
	month, day := 0, 0
	for _, h := range days {
		if !h.easter {
			if strings.HasSuffix(date, h.date) {
				return true
			}
			continue
		}
		if month == 0 {
			month, day = easter(t.Year())
		}
		if time.Date(t.Year(), time.Month(month), day+h.offset, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) == date {
			return true
		}
	}
	return false
}

// easter is the Sunday by the Gregorian rule (Meeus, Jones, Butcher).
func easter(year int) (month, day int) {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return n / 31, n%31 + 1
}
