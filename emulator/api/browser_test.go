package api_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// newBrowser starts a browser that talks to nobody by itself.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is slow")
	}
	binary, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("Chromium must be installed where CI=true: apt-get install chromium")
	} else if err != nil {
		t.Skip("Chromium is not installed: apt-get install chromium")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(binary)} // with a profile folder of its own, which goes at the end
	for _, flag := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "no-default-browser-check", "disable-background-networking",
		"disable-component-update", "disable-sync", "disable-dev-shm-usage", "disable-extensions",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits, so that the folder can go
			t.Log("the browser ended with ", err)
		}
		shut()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("Chromium does not start: ", err)
	}
	return ctx
}

// tab is a page of the browser and what went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	errors   []string
}

func newTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser)
	t.Cleanup(closeTab)
	b := &tab{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, ev.Request.URL)
		case *log.EventEntryAdded:
			if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
				b.errors = append(b.errors, ev.Entry.Text+" "+ev.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, ev.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.errors = append(b.errors, string(ev.Type))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	return b
}

func (b *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// ask runs a step that answers something.
func ask[T any](b *tab, step chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, step)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// call gives the browser a command of its protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a page and waits until something of it is there.
func (b *tab) open(link, id string) {
	b.t.Helper()
	b.run(chromedp.Navigate(link))
	b.see(id)
}

// see waits until something is there.
func (b *tab) see(id string) {
	b.t.Helper()
	b.run(chromedp.WaitVisible(byID(id)))
}

// focus is the test id of what the keyboard is at.
func (b *tab) focus() string {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[string](`document.activeElement?.dataset.testid ?? document.activeElement?.tagName`))
}

// press walks to a button by Tab alone, and presses Enter.
func (b *tab) press(id string) {
	b.t.Helper()
	var seen []string
	for at := b.focus(); at != id; at = b.focus() {
		if seen = append(seen, at); len(seen) > 12 {
			b.t.Fatalf("Tab never comes to %s: %v", id, seen)
		}
		b.run(chromedp.KeyEvent("\t"))
	}
	b.run(chromedp.KeyEvent("\r"))
}

func (b *tab) text(id string) string {
	b.t.Helper()
	return strings.TrimSpace(ask(b, chromedp.Text(byID(id))))
}

func byID(id string) string { return `[data-testid="` + id + `"]` }

// quiet insists on a page that asked nobody else for anything, and that the
// browser has nothing to say about.
func (b *tab) quiet(hosts ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.requests {
		u, err := url.Parse(request)
		if err != nil || u.Scheme != "data" && !slices.Contains(hosts, u.Host) {
			b.t.Errorf("the page asked for %s", request)
		}
	}
	for _, message := range b.errors {
		if !strings.Contains(message, "410 (Gone)") { // which is what a used link answers
			b.t.Errorf("the browser says: %s", message)
		}
	}
}

// picture keeps what the page looks like, for a person who asks for it:
// SANDGATE_TEST_PICTURES=folder go test ./emulator/api -run Browser
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SANDGATE_TEST_PICTURES")
	if dir == "" {
		return
	}
	png := ask(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// screen chooses the width of the window and the colours that its user likes.
func (b *tab) screen(width int64, colours string) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 2, Mobile: width < 600})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}}})
}

// fits insists on a page that no one has to scroll sideways.
func (b *tab) fits(width int64) {
	b.t.Helper()
	if wide := ask(b, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); wide > width {
		b.t.Errorf("the page is %d wide on a screen of %d", wide, width)
	}
}

// contrasts insists that every text can be read: 4.5 to 1 (WCAG AA).
func (b *tab) contrasts() {
	b.t.Helper()
	for _, p := range ask(b, chromedp.Evaluate[[]string](contrast)) {
		b.t.Error("poor contrast: ", p)
	}
}

const contrast = `(() => {
  const rgb = (s) => s.match(/[\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(e.textContent.trim() + ' ' + ratio.toFixed(2));
  }
  return poor;
})()`
