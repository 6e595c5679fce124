// Package clock owns a sandbox's time: three modes, one clock that only moves forward, and the reading of durations and cron specs.
// It never runs a timer of its own, decides what is due, or touches anything but the wall time that it was given.
package clock
