package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// field is a Cond's path as SQL.
type field struct {
	sql  string // the value
	kind string // SQL of its JSON type; "" for a column
	ints bool   // an integer column
}

func fieldOf(path string) (field, error) {
	switch path {
	case "status", "id", "owner", "parent":
		return field{sql: path}, nil
	case "created", "updated":
		return field{sql: path, ints: true}, nil
	}
	column := "body"
	path = strings.TrimPrefix(path, "$.")
	if rest, ok := strings.CutPrefix(path, "hidden."); ok {
		column, path = "hidden", rest
	}
	b := make([]byte, 0, len(path)+8)
	b = append(b, '$')
	for part := range strings.SplitSeq(path, ".") {
		if !plainName(part) {
			return field{}, fmt.Errorf("%w: bad path %q", ErrQuery, path)
		}
		b = append(b, '.', '"')
		b = append(b, part...)
		b = append(b, '"')
	}
	return field{
		sql:  "json_extract(" + column + ",'" + string(b) + "')",
		kind: "json_type(" + column + ",'" + string(b) + "')",
	}, nil
}

func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return s != ""
}

// literal quotes text for SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// operand is a Cond's value, in the ways it may be meant.
type operand struct {
	null   bool
	text   string
	isText bool // it may equal text
	number bool // text is a JSON number
	truth  int8 // it may equal a boolean: 1 true, -1 false
}

func operandOf(v any) (operand, error) {
	switch v := v.(type) {
	case nil:
		return operand{null: true}, nil
	case string:
		o := operand{text: v, isText: true, number: isNumber(v)}
		if v == "true" {
			o.truth = 1
		} else if v == "false" {
			o.truth = -1
		}
		return o, nil
	case bool:
		if v {
			return operand{text: "true", truth: 1}, nil
		}
		return operand{text: "false", truth: -1}, nil
	case json.Number:
		return operand{text: string(v), isText: true, number: isNumber(string(v))}, nil
	case int64:
		return operand{text: strconv.FormatInt(v, 10), isText: true, number: true}, nil
	case int:
		return operand{text: strconv.Itoa(v), isText: true, number: true}, nil
	}
	return operand{}, fmt.Errorf("%w: a value of type %T", ErrQuery, v)
}

// isNumber tells JSON's numbers from other text: "007" and "1." are text.
func isNumber(s string) bool {
	if s == "" || len(s) > 64 || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	return json.Valid([]byte(s))
}

// cond adds one comparison.
func (s *selection) cond(c Cond) error {
	if list, ok := c.Value.([]Cond); ok && c.Op == "any" {
		return s.either(list)
	}
	if done, err := s.ofEvents(c); done || err != nil {
		return err
	}
	f, err := s.table.field(c.Path)
	if err != nil {
		return err
	}
	switch c.Op {
	case "missing":
		s.and(f.nothing())
		return nil
	case "present":
		s.and("NOT (" + f.nothing() + ")")
		return nil
	}
	if c.Op == "in" {
		list, ok := c.Value.([]any)
		if !ok {
			return fmt.Errorf("%w: in needs a list", ErrQuery)
		}
		return s.equals(f, list, "")
	}
	if c.Op == "=" {
		return s.equals(f, []any{c.Value}, "")
	}
	if c.Op == "!=" {
		return s.equals(f, []any{c.Value}, " IS NOT TRUE")
	}
	o, err := operandOf(c.Value)
	if err != nil {
		return err
	}
	switch c.Op {
	case "<", "<=", ">", ">=":
		s.compare(f, c.Op, o)
	case "contains":
		s.contains(f, o)
	default:
		return fmt.Errorf("%w: no operator %q", ErrQuery, c.Op)
	}
	return nil
}

// either adds a group of which one must hold.
func (s *selection) either(conds []Cond) error {
	var group selection
	if len(conds) == 0 {
		group.add("0")
	}
	for i, c := range conds {
		one := selection{table: s.table}
		if err := one.cond(c); err != nil {
			return err
		}
		if i > 0 {
			group.add(" OR ")
		}
		group.add("(" + string(one.sql[len(" WHERE "):]) + ")")
		group.args = append(group.args, one.args...)
	}
	s.and("("+string(group.sql)+")", group.args...)
	return nil
}

// equals adds "the field equals one of the values", with a suffix that may turn it round.
// Numbers are bound as text and cast by SQLite, so that both sides were read by the same code.
func (s *selection) equals(f field, values []any, suffix string) error {
	var texts, numbers []driver.Value
	var null, yes, no, doubtful bool
	for _, v := range values {
		o, err := operandOf(v)
		if err != nil {
			return err
		}
		null = null || o.null
		if o.null {
			continue
		}
		if f.kind == "" {
			if !f.ints || o.number {
				texts = append(texts, o.text) // the column's own type decides
			}
			continue
		}
		yes, no = yes || o.truth > 0, no || o.truth < 0
		if o.isText {
			texts = append(texts, o.text)
		}
		if o.number {
			numbers = append(numbers, o.text)
			// JSON booleans come out as 1 and 0. Only a number near these can be taken for one.
			n, err := strconv.ParseFloat(o.text, 64)
			doubtful = doubtful || err == nil && (n == 0 || n == 1)
		}
	}
	s.and("(")
	if null {
		s.add(f.nothing())
		s.add(" OR ")
	}
	s.among(f, texts, numbers, yes, no, doubtful)
	s.add(")")
	s.add(suffix)
	return nil
}

func (f field) nothing() string {
	if f.kind == "" && !f.ints {
		return f.sql + " = ''"
	}
	if f.ints {
		return f.sql + " = 0"
	}
	return f.sql + " IS NULL"
}

// among is shaped so that an index on the field serves it: one IN over everything that could match,
// and where 1 could be true or 0 false, a second look at the JSON type.
func (s *selection) among(f field, texts, numbers []driver.Value, yes, no, doubtful bool) {
	if len(texts)+len(numbers) == 0 && !yes && !no {
		s.add("0")
		return
	}
	s.add(f.sql)
	s.add(" IN (")
	s.list("?", texts)
	if len(numbers) > 0 {
		s.sep(len(texts) > 0)
		s.list("CAST(? AS NUMERIC)", numbers)
	}
	if yes || no {
		s.sep(len(texts)+len(numbers) > 0)
		switch {
		case !no:
			s.add("1")
		case !yes:
			s.add("0")
		default:
			s.add("0,1")
		}
	}
	s.add(")")
	if !yes && !no && !doubtful {
		return
	}
	s.add(" AND CASE ")
	s.add(f.kind)
	s.add(" WHEN 'true' THEN ")
	s.add(digit(yes))
	s.add(" WHEN 'false' THEN ")
	s.add(digit(no))
	s.add(" WHEN 'text' THEN 1 ELSE ")
	if len(numbers) > 0 {
		s.add(f.sql)
		s.add(" IN (")
		s.list("CAST(? AS NUMERIC)", numbers)
		s.add(")")
	} else {
		s.add("0")
	}
	s.add(" END")
}

// compare adds an order: numbers among numbers, text among text, and text that is made of digits
// (amounts are often written so) as the number that it shows.
func (s *selection) compare(f field, op string, o operand) {
	switch {
	case o.null || !o.isText || f.ints && !o.number:
		s.and("0") // nothing is larger or smaller than nothing, or than a boolean
	case f.kind == "" && f.ints:
		s.and(f.sql+" "+op+" CAST(? AS NUMERIC)", o.text)
	case f.kind == "":
		s.and(f.sql+" "+op+" ?", o.text)
	case !o.number:
		s.and("("+f.sql+" "+op+" ? AND "+f.kind+" = 'text')", o.text)
	default:
		number := " " + op + " CAST(? AS NUMERIC)"
		s.and("CASE "+f.kind+" WHEN 'integer' THEN "+f.sql+number+" WHEN 'real' THEN "+f.sql+number+
			" WHEN 'text' THEN CASE WHEN ltrim("+f.sql+",'-') GLOB '[0-9]*' AND ltrim("+f.sql+",'-') NOT GLOB '*[^0-9.]*'"+
			" THEN CAST("+f.sql+" AS NUMERIC)"+number+" ELSE "+f.sql+" "+op+" ? END END", o.text, o.text, o.text, o.text)
	}
}

// contains adds a substring test that ignores case. SQLite folds ASCII on its own; for other needles it asks us.
func (s *selection) contains(f field, o operand) {
	needle := strings.ToLower(o.text)
	switch {
	case o.null:
		s.and("0")
	case isASCII(needle):
		s.and("instr(lower("+f.sql+"),?) > 0", needle)
	default:
		s.and("folded_contains("+f.sql+",?)", needle)
	}
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func (s *selection) add(sql string) { s.sql = append(s.sql, sql...) }

func (s *selection) sep(needed bool) {
	if needed {
		s.add(",")
	}
}

const maxFilled = 8192

// list adds one placeholder per value. Lists are filled up to a power of two with the last value, so that their
// length makes few shapes; very long ones are not, because SQLite takes 32,766 values.
func (s *selection) list(placeholder string, values []driver.Value) {
	if len(values) == 0 {
		return
	}
	n := 1
	for n < len(values) {
		n *= 2
	}
	if n > maxFilled {
		n = len(values)
	}
	for i := range n {
		s.sep(i > 0)
		s.add(placeholder)
		s.args = append(s.args, values[min(i, len(values)-1)])
	}
}

func digit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
