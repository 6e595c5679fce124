package scenarios

import (
	"time"

	"github.com/sandgate/sandgate/emulator/clock"
)

// EnvironmentSetting is the setting that --environment gives its name to,
// where a scenario declares it.
const EnvironmentSetting = "environment"

// Environments is what the provider says of each of its own.
type Environments struct {
	Sandbox *Schedule `json:"sandbox,omitempty" yaml:"sandbox"`
}

// Schedule is when an environment is reset by itself.
type Schedule struct {
	Reset string `json:"reset" yaml:"reset"` // five fields of cron
	Zone  string `json:"zone,omitempty" yaml:"zone"`
}

// Cron is the schedule, compiled.
func (s *Schedule) Cron() (clock.Cron, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return clock.Cron{}, err
	}
	return clock.ParseCron(s.Reset, zone)
}

func (l *loader) completeSchedule(s *Schedule, read map[string]pair) {
	if p, ok := read["zone"]; ok {
		if _, err := time.LoadLocation(s.Zone); err != nil {
			l.fail(p.value, "zone is the name of a time zone, like America/Sao_Paulo")
			return
		}
	}
	if p, ok := read["reset"]; ok {
		if _, err := s.Cron(); err != nil {
			l.fail(p.value, "reset: %s", err)
		}
	}
}
