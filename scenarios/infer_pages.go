package scenarios

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sandgate/sandgate/openapi"
)

// Parameters of lists, by what they choose.
var (
	pageParams   = []string{"page", "pagenumber", "pageno", "pageindex", "currentpage", "pagina", "paginaatual", "pageno"}
	limitParams  = []string{"limit", "perpage", "pagesize", "size", "maxresults", "count", "itemsperpage", "itensporpagina", "pagelimit", "first", "take", "top", "rows", "resultsperpage", "limite", "tamanhopagina"}
	offsetParams = []string{"offset", "skip", "start", "startindex", "pageoffset"}
	cursorParams = []string{"cursor", "pagetoken", "nexttoken", "nextcursor", "next", "continuationtoken", "pagecursor", "nextpagetoken", "startcursor", "nextpage", "marker"}
	afterParams  = []string{"startingafter", "after", "afterid", "sinceid"}
	beforeParams = []string{"endingbefore", "before", "beforeid"}
	sortParams   = []string{"sort", "sortby", "orderby", "order", "sorting", "ordenacao"}
	orderParams  = []string{"order", "sortorder", "direction", "orderdirection", "sortdirection", "sortdir", "orderdir", "criteria"}
)

// PagesOf reads the paging habit of a list from its parameters and its reply;
// nil where it has none.
func PagesOf(plan *openapi.Plan) *Pages {
	if plan == nil {
		return nil
	}
	p := &Pages{}
	for _, group := range []struct {
		into  *string
		names []string
	}{
		{&p.Page, pageParams}, {&p.After, afterParams}, {&p.Before, beforeParams}, {&p.Cursor, cursorParams}, {&p.Offset, offsetParams},
	} {
		*group.into, _ = queryParam(plan, group.names)
	}
	var size *openapi.Schema
	p.Limit, size = queryParam(plan, limitParams)
	p.Sort, _ = queryParam(plan, sortParams)
	if p.Order, _ = queryParam(plan, orderParams); p.Order == p.Sort {
		p.Order = ""
	}
	if size != nil {
		p.Size, p.Max = wholeOf(size.Default()), wholeOf(rawNumber(size.Field("maximum")))
	}
	if reply := plan.Reply(plan.Success); reply != nil && reply.Schema != nil {
		p.Fields = pageFields(object(reply.Schema), ShapeOf(reply.Schema, true).Path)
	}
	if p.Page == "" && p.Limit == "" && p.Cursor == "" && p.Offset == "" && p.After == "" && len(p.Fields) == 0 && p.Sort == "" {
		return nil
	}
	return p
}

// queryParam finds a parameter by its name, or one inside an object as
// paginacao.paginaAtual; the names are in the order of preference.
func queryParam(plan *openapi.Plan, names []string) (string, *openapi.Schema) {
	for _, want := range names {
		for _, p := range plan.Params {
			if p.In == "query" && pagerWord(p.Name) == want {
				if !isObject(p.Schema) {
					return p.Name, p.Schema
				}
			}
		}
	}
	for _, p := range plan.Params {
		if p.In != "query" {
			continue
		}
		if name, s := innerParam(p.Name, p.Schema, names, 2); name != "" {
			return name, s
		}
	}
	return "", nil
}

// pagerWord is a parameter's name without the holder that stands before it, as
// in page[size] and paginacao.paginaAtual.
func pagerWord(name string) string {
	if i := strings.IndexAny(name, ".["); i > 0 && pagers[plainWord(name[:i])] {
		word := plainWord(name[i:])
		if word == "number" || word == "size" || word == "limit" || word == "offset" || word == "cursor" || word == "after" || word == "before" || len(word) > 6 {
			return map[string]string{"number": "page"}[word] + map[bool]string{false: word}[word == "number"]
		}
	}
	return plainWord(name)
}

// innerParam looks into parameters that hold the paging: page[size], paginacao.
func innerParam(prefix string, s *openapi.Schema, names []string, depth int) (string, *openapi.Schema) {
	if depth == 0 || s == nil || !isObject(s) || !pagers[plainWord(prefix[lastDot(prefix):])] {
		return "", nil
	}
	s = object(s)
	for _, want := range names {
		for _, name := range s.Properties() {
			if word := plainWord(name); word == want || want == "page"+word && word != "s" {
				return prefix + "." + name, s.Property(name)
			}
		}
	}
	return "", nil
}

var pagers = wordSet("page paging pagination paginacao paginacion pager parametros parameters")

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i + 1
		}
	}
	return 0
}

func rawNumber(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	return json.Number(raw)
}

func wholeOf(v any) int {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, _ := strconv.Atoi(n.String())
	return i
}

// pageWords are properties of list replies, by what they show.
var pageWords = map[string]string{
	"hasmore": "more", "hasnext": "more", "hasnextpage": "more", "hasmoredata": "more", "more": "more", "hasmoreitems": "more",
	"total": "total", "totalcount": "total", "totalitems": "total", "totalelements": "total", "totalresults": "total", "quantidadetotaldeitens": "total", "totalrecords": "total", "recordcount": "total", "totalentries": "total",
	"page": "page", "currentpage": "page", "pagenumber": "page", "paginaatual": "page", "pageindex": "page", "pageno": "page",
	"pages": "pages", "totalpages": "pages", "pagecount": "pages", "quantidadedepaginas": "pages", "lastpage": "pages", "numpages": "pages", "pagestotal": "pages",
	"limit": "limit", "perpage": "limit", "pagesize": "limit", "size": "limit", "itensporpagina": "limit", "itemsperpage": "limit",
	"offset": "offset", "skip": "offset", "skipped": "offset", "startindex": "offset",
	"count": "count", "itemcount": "count", "numberofelements": "count",
	"next": "next", "nextcursor": "next", "nextpagetoken": "next", "nextpage": "next", "cursor": "next", "nexttoken": "next", "endcursor": "next", "nexturl": "next", "nextlink": "next",
	"previous": "previous", "prev": "previous", "previouscursor": "previous", "prevcursor": "previous", "prevurl": "previous", "previousurl": "previous", "prevpage": "previous", "previouspage": "previous",
	"url": "url",
}

// holders are objects beside the list that speak of its pages.
var holders = wordSet("meta metadata pagination paging page pageinfo paginginfo links link parametros paginacao pager listmetadata responsemetadata cursors pagemeta info")

// pageFields finds what a list reply says about its pages.
func pageFields(s *openapi.Schema, list []string) map[string]string {
	fields := map[string]string{}
	at, prefix := s, ""
	for i := range max(1, len(list)) {
		addFields(fields, at, prefix, 2)
		if i+1 < len(list) {
			prefix, at = prefix+list[i]+".", object(at.Property(list[i]))
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}

func addFields(fields map[string]string, s *openapi.Schema, prefix string, depth int) {
	if s == nil || depth < 0 || s.Type() == "array" {
		return
	}
	for _, name := range s.Properties() {
		p, word := s.Property(name), plainWord(name)
		if isObject(p) {
			if holders[word] {
				addFields(fields, object(p), prefix+name+".", depth-1)
			}
			continue
		}
		means := pageWords[word]
		switch {
		case means == "", isList(p), p.Type() == "boolean" && means != "more", means == "url" && prefix != "":
		case means == "url" && p.Type() != "string", means == "more" && p.Type() != "boolean" && p.Type() != "":
		case (means == "page" || means == "pages" || means == "total" || means == "limit" || means == "offset" || means == "count") && p.Type() == "object":
		default:
			fields[prefix+name] = means
		}
	}
}
