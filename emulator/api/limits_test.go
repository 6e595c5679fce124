package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sandgate/sandgate/emulator/api"
	"github.com/sandgate/sandgate/openapi"
)

const cashIn = "/api/v2/faker/cash-in"

// nowhere is a well-formed cash-in for a ramp that does not exist, with room
// for more: what passes the limits gets RAMP.0006.
func nowhere(more string) string { return `{"rampId":"` + seedUser + `"` + more + `}` }

// nested is n arrays inside one another.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func padded(size int) string {
	body := nowhere("")
	return body + strings.Repeat(" ", size-len(body))
}

// TestBodyLimits has one body under each limit and one over it.
func TestBodyLimits(t *testing.T) {
	r := newRig(t)
	members := func(n int) string {
		return nowhere(`,"x":[` + strings.TrimSuffix(strings.Repeat("1,", n-2), ",") + `]`)
	}
	const invalid = "VALIDATION.0001"
	for name, c := range map[string]struct {
		body          string
		status        int
		code, pointer string
	}{
		"1 MiB":               {padded(api.MaxBody), 404, "RAMP.0006", ""},
		"1 MiB and a byte":    {padded(api.MaxBody + 1), 413, "REQUEST.0001", "/body"},
		"64 levels":           {nowhere(`,"x":` + nested(openapi.MaxDepth-1)), 404, "RAMP.0006", ""},
		"65 levels":           {nowhere(`,"x":` + nested(openapi.MaxDepth)), 400, invalid, "/body/x" + strings.Repeat("/0", openapi.MaxDepth-1)},
		"100,000 levels":      {nested(100_000), 400, invalid, "/body" + strings.Repeat("/0", openapi.MaxDepth)},
		"10,000 members":      {members(openapi.MaxMembers), 404, "RAMP.0006", ""},
		"10,001 members":      {members(openapi.MaxMembers + 1), 400, invalid, "/body"},
		"a name once":         {nowhere(`,"x":{"a":1,"b":1}`), 404, "RAMP.0006", ""},
		"a name twice":        {nowhere(`,"x":{"a":1,"a":1}`), 400, invalid, "/body/x/a"},
		"a name twice, coded": {nowhere(`,"x":{"a":1,"\u0061":1}`), 400, invalid, "/body/x/a"},
		"UTF-8":               {nowhere(`,"x":"é"`), 404, "RAMP.0006", ""},
		"not UTF-8":           {nowhere(",\"x\":\"\xe9\""), 400, invalid, "/body"},
		"space after":         {nowhere("") + " \n\t", 404, "RAMP.0006", ""},
		"text after":          {nowhere("") + "{}", 400, invalid, "/body"},
		"cut off":             {strings.TrimSuffix(nowhere(""), "}"), 400, invalid, "/body/rampId"},
		"a byte order mark":   {"\ufeff" + nowhere(""), 400, invalid, "/body"},
		"NaN":                 {nowhere(`,"x":NaN`), 400, invalid, "/body/x"},
		"no body":             {"", 400, invalid, "/body"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, r.send("POST", cashIn, c.body, asKey), c.status, c.code, c.pointer)
		})
	}
}

// TestBodyOfUnknownLength holds the limit where no Content-Length announces
// what comes.
func TestBodyOfUnknownLength(t *testing.T) {
	r := newRig(t)
	for size, code := range map[int]string{api.MaxBody: "RAMP.0006", api.MaxBody + 1: "REQUEST.0001"} {
		req := httptest.NewRequest("POST", cashIn, io.MultiReader(strings.NewReader(padded(size))))
		req.Header.Set("Authorization", "Bearer sk_test_sandgate")
		req.Header.Set("Content-Type", "application/json")
		if req.ContentLength != -1 {
			t.Fatal("the length is known")
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if !strings.Contains(w.Body.String(), code) {
			t.Errorf("%d bytes: %d %s", size, w.Code, w.Body)
		}
	}
}

func TestUploadLimit(t *testing.T) {
	r := newRig(t)
	upload := func(size int) *httptest.ResponseRecorder {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		form.WriteField("userId", seedUser)
		form.WriteField("documentType", "PASSPORT")
		part, err := form.CreateFormFile("frontDocument", "front.png")
		if err != nil {
			t.Fatal(err)
		}
		end := len("\r\n--" + form.Boundary() + "--\r\n")
		part.Write(bytes.Repeat([]byte{'x'}, size-body.Len()-end))
		form.Close()
		if body.Len() != size {
			t.Fatalf("the form has %d bytes, not %d", body.Len(), size)
		}
		return r.send("POST", "/api/v2/users/person/document", body.String(), asKey, "Content-Type: "+form.FormDataContentType())
	}
	if w := upload(api.MaxUpload); w.Code != http.StatusCreated {
		t.Errorf("10 MiB: %d %s", w.Code, w.Body)
	}
	refused(t, upload(api.MaxUpload+1), 413, "REQUEST.0001", "/body")
}

func TestMediaTypes(t *testing.T) {
	r := newRig(t)
	const media, encoding = "/header/content-type", "/header/Content-Encoding"
	for name, c := range map[string]struct {
		header, pointer string
		status          int
		code            string
	}{
		"JSON":                {"Content-Type: application/json", "", 404, "RAMP.0006"},
		"JSON, with charset":  {"Content-Type: Application/JSON; charset=UTF-8", "", 404, "RAMP.0006"},
		"a form":              {"Content-Type: application/x-www-form-urlencoded", media, 415, "REQUEST.0002"},
		"markup":              {"Content-Type: text/html", media, 415, "REQUEST.0002"},
		"what fetch says":     {"Content-Type: text/plain;charset=UTF-8", "", 404, "RAMP.0006"},
		"multipart":           {"Content-Type: multipart/form-data; boundary=x", media, 415, "REQUEST.0002"},
		"none":                {"Content-Type: ", "", 404, "RAMP.0006"},
		"compressed":          {"Content-Encoding: gzip", encoding, 415, "REQUEST.0002"},
		"compressed twice":    {"Content-Encoding: identity, br", encoding, 415, "REQUEST.0002"},
		"not compressed":      {"Content-Encoding: identity", "", 404, "RAMP.0006"},
		"not compressed, too": {"Content-Encoding: Identity", "", 404, "RAMP.0006"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, r.send("POST", cashIn, nowhere(""), asKey, c.header), c.status, c.code, c.pointer)
		})
	}
}

// TestSandboxNameLimit has a name of 63 characters and one of 64, in both
// places that may name a sandbox.
func TestSandboxNameLimit(t *testing.T) {
	r := newRig(t)
	name := strings.Repeat("a", 63)
	for _, headers := range [][]string{{bearer("sk_test_ws_" + name + "_x")}, {asKey, "Sandgate-Sandbox: " + name}} {
		w := r.send("GET", me, "", headers...)
		if w.Code != http.StatusOK || w.Header().Get("Sandgate-Sandbox") != name {
			t.Errorf("%v: %d in %q", headers, w.Code, w.Header().Get("Sandgate-Sandbox"))
		}
	}
}

// TestBadSandboxNames wants a name that cannot be a sandbox's to be refused,
// and blamed: it must not end in a world that others share.
func TestBadSandboxNames(t *testing.T) {
	r := newRig(t)
	t.Run("in a key", func(t *testing.T) {
		for _, bad := range []string{strings.Repeat("a", 64), "UPPER", "-a", "a~b"} {
			refused(t, r.send("GET", me, "", bearer("sk_test_ws_"+bad+"_x")), 401, "AUTH.0003", "/header/Authorization")
		}
	})
	t.Run("in an e-mail", func(t *testing.T) {
		for _, path := range []string{"login", "signup"} {
			w := r.send("POST", "/api/v2/auth/"+path, `{"email":"ana+ws_UPPER@example.com","password":"P@ssw0rd123!"}`)
			if w.Code < 400 || w.Header().Get("Sandgate-Sandbox") != "" {
				t.Errorf("%s: %d in sandbox %q", path, w.Code, w.Header().Get("Sandgate-Sandbox"))
			}
		}
	})
	t.Run("in the header", func(t *testing.T) {
		for _, bad := range []string{strings.Repeat("a", 64), "UPPER", "-a", "../x", "a.b", "a b"} {
			w := r.send("GET", me, "", asKey, "Sandgate-Sandbox: "+bad)
			refused(t, w, 400, "VALIDATION.0001", "/header/Sandgate-Sandbox")
		}
	})
}

// TestHeaderLimit speaks to a real listener with the limit of the command:
// net/http answers for us there, before the face.
func TestHeaderLimit(t *testing.T) {
	r := newRig(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const limit = 64 << 10
	h := &http.Server{Handler: r, MaxHeaderBytes: limit, ReadHeaderTimeout: 5 * time.Second}
	go h.Serve(l)
	defer h.Close()
	for size, status := range map[int]int{limit - 512: http.StatusOK, limit + 8<<10: http.StatusRequestHeaderFieldsTooLarge} { // net/http allows 4 KiB of slack
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go fmt.Fprintf(conn, "GET /api/v2/auth/me HTTP/1.1\r\nHost: localhost\r\n%s\r\nX-Long: %s\r\n\r\n", asKey, strings.Repeat("x", size))
		reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if reply.StatusCode != status {
			t.Errorf("a header of %d bytes: %d, want %d", size, reply.StatusCode, status)
		}
		conn.Close()
	}
}
