package scenarios

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var documentFunctions = []*function{
	pure(2, 2, "pdf(title, [lines])", "the bytes of a small PDF with those lines", pdf),
	inOrder(pure(1, 1, "xml({root: …})", "an XML document: a list repeats its element, nil has none; an object written here keeps its order, any other is sorted", xmlText)),
}

func inOrder(f *function) *function {
	f.ordered = true
	return f
}

// pairsInOrder is an object that remembers how it was written.
type pairsInOrder []Member

// Member is one entry of an object.
type Member struct {
	Name  string
	Value any
}

func ordered(args ...any) (any, error) {
	out := pairsInOrder{}
	for i := 0; i+1 < len(args); i += 2 {
		name, err := text(args[i])
		if err != nil || name == nil {
			return nil, errors.New("the name of a member is text")
		}
		out = append(out, Member{name.(string), args[i+1]})
	}
	return out, nil
}

func membersOf(v any) (pairsInOrder, bool) {
	if p, ok := v.(pairsInOrder); ok {
		return p, true
	}
	m, ok := toMap(v)
	if !ok {
		return nil, false
	}
	out := pairsInOrder{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Member{name, m[name]})
	}
	return out, true
}

func xmlText(args ...any) (any, error) {
	root, ok := membersOf(args[0])
	if !ok || len(root) != 1 {
		return nil, errors.New("xml takes an object with one member, the root")
	}
	if _, list := toList(root[0].Value); list || root[0].Value == nil {
		return nil, errors.New("xml: there is one root, neither a list nor nothing")
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	if err := element(&b, root[0].Name, root[0].Value, 0); err != nil {
		return nil, err
	}
	return sized(b.String())
}

func element(b *bytes.Buffer, name string, v any, depth int) error {
	if depth > maxNesting || b.Len() > maxText {
		return errTooDeep
	}
	if !xmlName(name) {
		return fmt.Errorf("xml: %q cannot be the name of an element", clip(name, 40))
	}
	if v == nil {
		return nil
	}
	if list, ok := toList(v); ok {
		for _, item := range list {
			if err := element(b, name, item, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	b.WriteString("<" + name + ">")
	if members, ok := membersOf(v); ok {
		for _, m := range members {
			if err := element(b, m.Name, m.Value, depth+1); err != nil {
				return err
			}
		}
	} else {
		s, err := text(v)
		if err != nil {
			return err
		}
		if err := xml.EscapeText(b, []byte(s.(string))); err != nil {
			return err
		}
	}
	b.WriteString("</" + name + ">")
	return nil
}

func xmlName(s string) bool {
	for i, c := range s {
		first := c == '_' || unicode.IsLetter(c)
		if !first && (i == 0 || c != '-' && c != '.' && !unicode.IsDigit(c)) {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}

const (
	pdfColumns = 92 // of Helvetica at 10 points, on A4
	pdfRows    = 50
	pdfPages   = 100
)

func pdf(args ...any) (any, error) {
	title, err := text(args[0])
	if err != nil {
		return nil, err
	}
	list, err := listOf(args[1])
	if err != nil {
		return nil, err
	}
	heading, _ := title.(string)
	var lines []string
	for _, v := range list {
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		line, _ := s.(string)
		lines = append(lines, wrapped(line)...)
		if len(lines) > pdfPages*pdfRows {
			return nil, fmt.Errorf("pdf has at most %d pages", pdfPages)
		}
	}
	return makePDF(heading, lines), nil
}

// wrapped breaks a line where it would leave the page.
func wrapped(s string) (out []string) {
	for line := range strings.SplitSeq(s, "\n") {
		r := []rune(line)
		for len(r) > pdfColumns {
			cut := pdfColumns
			for i := cut; i > cut/2; i-- {
				if r[i] == ' ' {
					cut = i
					break
				}
			}
			out = append(out, string(r[:cut]))
			for r = r[cut:]; len(r) > 0 && r[0] == ' '; r = r[1:] {
			}
		}
		out = append(out, string(r))
	}
	return out
}

// makePDF writes objects 1 catalog, 2 pages, 3 and 4 fonts, 5 info, then a
// page and its contents in turn. All of it is ASCII.
func makePDF(title string, lines []string) string {
	pages := max(1, (len(lines)+pdfRows-1)/pdfRows)
	var b strings.Builder
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(offsets)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	kids := make([]string, pages)
	for i := range kids {
		kids[i] = fmt.Sprintf("%d 0 R", 6+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), pages)
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
	object("<< /Title (%s) >>", winAnsi(title))
	for i := range pages {
		content := page(title, lines[i*pdfRows:min(len(lines), (i+1)*pdfRows)])
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>", 7+2*i)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.String()
}

func page(title string, lines []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "BT\n/F2 16 Tf\n56 780 Td\n(%s) Tj\n/F1 10 Tf\n14 TL\n0 -12 Td\n", winAnsi(title))
	for _, line := range lines {
		fmt.Fprintf(&b, "T* (%s) Tj\n", winAnsi(line))
	}
	b.WriteString("ET")
	return b.String()
}

// winAnsi writes text for a string of a PDF: Latin 1 by its octal number,
// what the fonts lack as a question mark.
func winAnsi(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '(' || c == ')' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c >= ' ' && c < 0x7f:
			b.WriteRune(c)
		case c >= 0xa0 && c <= 0xff:
			fmt.Fprintf(&b, "\\%03o", c)
		case special[c] != 0:
			fmt.Fprintf(&b, "\\%03o", special[c])
		case c == '\t':
			b.WriteString("    ")
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// special are the characters that WinAnsi has beside Latin 1, and that texts use.
var special = map[rune]byte{'€': 0x80, '…': 0x85, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97}
