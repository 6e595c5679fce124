package scenarios

import (
	"strings"
	"testing"
)

// functionTable has at least one row for every function of the language.
var functionTable = map[string]map[string]string{
	"round":        {"round(2.345, 2)": "2.34", "round(2.345, 2, 'half-up')": "2.35", "round(B.number, 0)": "!takes a number", "round(number(B.number), 0)": "12", "round(B.nope, 2)": "nil", "round(1/3, 3, 'up')": "0.334", "round(15, -1)": "20", "round(1, 2, 'x')": "!no rounding mode", "round(1, 'x')": "!whole number", "round(1, 2, 3)": "!mode is text"},
	"fixed":        {"fixed(2.5, 2)": "'2.50'", "fixed(1/3, 4)": "'0.3333'", "fixed(B.nope, 2)": "nil", "fixed(1, -1)": "!0 or more"},
	"number":       {"number('12.50')": "12.5", "number(B.number) * 2": "25", "number(' 1 ')": "1", "number(B.text)": "nil", "number('abc')": "!not readable", "number(B.nope)": "nil", "number(B.whole)": "3", "number(B.yes)": "nil"},
	"int":          {"int(2.9)": "2", "int(-2.9)": "-2", "int(B.nope)": "nil", "int(B.text)": "!takes a number"},
	"floor":        {"floor(2.9)": "2", "floor(-2.1)": "-3", "floor(B.nope)": "nil"},
	"ceil":         {"ceil(2.1)": "3", "ceil(-2.9)": "-2", "ceil(3)": "3", "ceil(B.nope)": "nil"},
	"min":          {"min(3, 1.5, 2)": "1.5", "min(B.list)": "1", "min(B.nope, 2)": "2", "min(B.nope)": "nil", "min([])": "nil", "min(now, later)": "time 2026-01-31T12:30:00.000Z", "min(1, 'a')": "!cannot compare"},
	"max":          {"max(3, 1.5)": "3", "max(B.list)": "3", "max(span, duration('1h'))": "span 1h0m0s", "max('a', 'b')": "'b'"},
	"abs":          {"abs(-2.5)": "2.5", "abs(B.whole)": "3", "abs(B.nope)": "nil", "abs('x')": "!takes a number"},
	"mean":         {"mean([1, 2, 4])": "7/3", "mean([])": "nil", "mean([1, B.nope, 2])": "1.5"},
	"median":       {"median([3, 1, 2])": "2", "median([1, 2])": "1.5", "median([])": "nil"},
	"total":        {"total(B.rows, 'n')": "4.5", "total(list('ramp'), 'amount')": "3.3", "total(B.nope, 'n')": "0", "total([{a: {b: 2}}], 'a.b')": "2", "total(B.rows, 1)": "!field is text"},
	"sum":          {"sum([0.1, 0.2])": "0.3"},
	"string":       {"string(2.50)": "'2.5'", "string(B.amount)": "'10.10'", "string(B.yes)": "'true'", "string(now)": "'2026-01-31T12:30:00.000Z'", "string(span)": "'1m30s'", "string(B.nope)": "nil", "string(1/3)": "!round it", "string(B.list)": "!toJSON", "string(len(B.list))": "'3'"},
	"upper":        {"upper(B.text)": "'HELLO'", "upper(B.nope)": "nil", "upper(1)": "!takes text"},
	"lower":        {"lower('ÀB')": "'àb'"},
	"trim":         {"trim(' a ')": "'a'", "trim('xax', 'x')": "'a'", "trim(B.nope)": "nil", "trim(1)": "!takes text"},
	"trimPrefix":   {"trimPrefix('ab', 'a')": "'b'", "trimPrefix(B.nope, 'a')": "nil"},
	"trimSuffix":   {"trimSuffix('ab', 'b')": "'a'"},
	"hasPrefix":    {"hasPrefix(B.text, 'he')": "true"},
	"hasSuffix":    {"hasSuffix(B.text, 'lo')": "true", "hasSuffix(B.nope, 'lo')": "false"},
	"split":        {"split('a,b,c', ',')": `["a","b","c"]`, "split('a,b,c', ',', 2)": `["a","b,c"]`, "split(B.nope, ',')": "nil", "split('a', 'b', 'c')": "!whole number"},
	"join":         {"join(B.names, '-')": "'b-a-b'", "join(B.names)": "'bab'", "join([1, B.nope, 'x'], ' ')": "'1 x'", "join(B.nope, ',')": "''", "join(B.names, 1)": "!separator is text"},
	"replace":      {"replace('aXbX', 'X', '-')": "'a-b-'", "replace(B.nope, 'a', 'b')": "nil"},
	"repeat":       {"repeat('ab', 3)": "'ababab'", "repeat('a', 9999999)": "!megabyte", "repeat(B.nope, 2)": "nil"},
	"indexOf":      {"indexOf('héllo', 'l')": "2", "indexOf('a', 'z')": "-1", "indexOf(B.names, 'a')": "1", "indexOf(B.names, 'q')": "-1"},
	"lastIndexOf":  {"lastIndexOf('hello', 'l')": "3"},
	"padLeft":      {"padLeft('7', 3, '0')": "'007'", "padLeft(B.whole, 2)": "' 3'", "padLeft('long', 2)": "'long'", "padLeft('a', 5, 'xy')": "!one character", "padLeft(B.nope, 3)": "nil"},
	"type":         {"type(B.whole)": "'number'", "type(B.text)": "'string'", "type(B.yes)": "'bool'", "type(B.list)": "'array'", "type(B.object)": "'map'", "type(now)": "'time'", "type(span)": "'duration'", "type(B.nope)": "'nil'", "type(1.5)": "'number'", "type(strings)": "'array'"},
	"toJSON":       {"toJSON({a: 1.50, b: '<'})": `'{"a":1.5,"b":"<"}'`, "toJSON([1/3])": "!rounded", "toJSON(B.nope)": "'null'"},
	"fromJSON":     {"fromJSON('{\"a\": 1.10}').a": "1.10", "fromJSON('{')": "!not readable", "fromJSON(B.text)": "nil"},
	"toBase64":     {"toBase64('hello')": "'aGVsbG8='"},
	"fromBase64":   {"fromBase64('aGVsbG8=')": "'hello'", "fromBase64(B.text)": "nil", "fromBase64('%')": "!not readable"},
	"len":          {"len(B.list)": "3", "len('héé')": "3", "len(B.object)": "3", "len(B.nope)": "0", "len(B.whole)": "!no length", "len(strings)": "2"},
	"first":        {"first(B.names)": "'b'", "first([])": "nil", "first(B.nope)": "nil", "first(B.text)": "!list is needed"},
	"last":         {"last(B.list)": "3", "last([])": "nil"},
	"take":         {"take(B.list, 2)": "[1,2.5]", "take(B.list, 9)": "[1,2.5,3]", "take(B.list, -1)": "!whole number"},
	"get":          {"get('ramp', 'r1').status": "'CREATED'", "get('ramp', 'alias-1').id": "'r1'", "get('ramp', 'zz')": "nil", "get('ramp', B.nope)": "nil", "get('ramp', '')": "nil", "get('ramp', {a: 1})": "!takes no", "get(B.object, 'a')": "1", "get(B.list, 9)": "nil", "get(B.nope, 'x')": "nil"},
	"reverse":      {"reverse(B.list)": "[3,2.5,1]", "reverse(B.nope)": "[]"},
	"uniq":         {"uniq(B.names)": `["b","a"]`, "uniq([1, 1.0, '1'])": `[1,"1"]`},
	"concat":       {"concat(B.names, [1], B.nope)": `["b","a","b",1]`, "concat()": "[]"},
	"flatten":      {"flatten(B.nested)": "[1,2,3]"},
	"sort":         {"sort(B.names)": `["a","b","b"]`, "sort([2, 10, 1], 'desc')": "[10,2,1]", "sort([1, 'a'])": "!cannot compare", "sort(B.list, 'x')": "!asc"},
	"keys":         {"keys(B.object)": `["a","b","c"]`, "keys(B.nope)": "[]", "keys(B.list)": "!object is needed"},
	"values":       {"values({b: 2, a: 1})": "[1,2]"},
	"toPairs":      {"toPairs({b: 2, a: 1})": `[["a",1],["b",2]]`},
	"fromPairs":    {"fromPairs([['a', 1], ['b', nil]])": `{"a":1,"b":null}`, "fromPairs([1])": "!pairs"},
	"merge":        {"merge({a: 1, b: 2}, {b: 3, c: 4})": `{"a":1,"b":3,"c":4}`, "merge({a: 1, b: 2}, {b: nil})": `{"a":1}`, "merge(B.nope, {a: 1})": `{"a":1}`, "merge({a: 1}, B.nope)": `{"a":1}`, "merge({a: 1}, 2)": "!object is needed"},
	"pick":         {"pick(B.object, ['a', 'b', 'z'])": `{"a":1}`, "pick(B.nope, ['a'])": "{}"},
	"omit":         {"omit(B.object, ['c'])": `{"a":1}`},
	"ms":           {"ms(now)": "1769862600000", "ms('2026-01-31T12:30:00Z')": "1769862600000", "ms(span)": "90000", "ms(B.nope)": "nil", "ms(B.text)": "nil", "ms(B.yes)": "!takes a time"},
	"seconds":      {"seconds(now)": "1769862600", "seconds(span)": "90", "seconds(B.nope)": "nil"},
	"iso":          {"iso(now)": "'2026-01-31T12:30:00.000Z'", "iso(B.nope)": "nil", "iso(1769862600000)": "'2026-01-31T12:30:00.000Z'", "iso(99999999999999999)": "!9999"},
	"instant":      {"instant('2026-01-31')": "time 2026-01-31T00:00:00.000Z", "instant(B.at)": "time 2026-01-31T12:29:30.000Z", "instant(1000)": "time 1970-01-01T00:00:01.000Z", "instant('2026-01-31T09:30:00-03:00')": "time 2026-01-31T12:30:00.000Z", "instant(B.text)": "nil", "instant('2026-13-01')": "!not readable", "instant(now)": "time 2026-01-31T12:30:00.000Z"},
	"duration":     {"duration('1d12h')": "span 36h0m0s", "duration('1.5d')": "span 36h0m0s", "duration('-30s')": "span -30s", "duration(B.text)": "nil", "duration('5')": "!not readable", "duration('d')": "!not readable", "duration('1d-1h')": "!not readable", "duration(5)": "!takes text"},
	"startOfDay":   {"startOfDay(now)": "time 2026-01-31T00:00:00.000Z", "startOfDay(B.nope)": "nil"},
	"startOfMonth": {"startOfMonth(now)": "time 2026-01-01T00:00:00.000Z"},
	"years":        {"years(B.birth, now)": "33", "years('1992-01-31', now)": "34", "years('1992-01-01', now)": "34", "years('2008-02-29', '2026-02-28')": "17", "years('1992-13-01', now)": "nil", "years(B.nope, now)": "nil", "years(B.text, now)": "nil"},
	"uuid":         {"len(uuid())": "36", "uuid() matches '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'": "true", "uuid() == uuid()": "false"},
	"hex":          {"hex(8) matches '^[0-9a-f]{8}$'": "true", "hex(0)": "!whole number", "hex(9999)": "!whole number"},
	"digits":       {"digits(5) matches '^[0-9]{5}$'": "true"},
	"token":        {"token(32) matches '^[0-9A-Za-z]{32}$'": "true"},
	"newKey":       {"newKey() matches '^sk_test_[0-9A-Za-z]{38}$'": "true", "newKey() == newKey()": "false"},
	"password":     {"password(B.nope)": "nil", "password('x') startsWith 'pbkdf2-sha256$'": "true", "password('x') == password('x')": "false", "password(1)": "!takes text"},
	"find":         {"find('ramp', 'id', request.path.id).status": "'CREATED'", "find('ramp', 'id', 'zz')": "nil", "find('ramp', 'id', B.nope)": "nil", "find(1, 'id', 2)": "!kind is text", "find('ramp', 1, 2)": "!field is text"},
	"list":         {"list('ramp', {status: 'CREATED'}) | map(.amount)": "[1.10,2.20]", "list('ramp', {status: 'X'})": "[]", "len(list('ramp'))": "2", "list('ramp', 1)": "!condition is an object"},
	"count":        {"count('ramp')": "2", "count('ramp', {status: 'X'})": "0"},
	"cron":         {"cron('0 1 * * *', now)": "time 2026-02-01T01:00:00.000Z", "cron('30 12 * * *', now)": "time 2026-01-31T12:30:00.000Z", "cron('30 12 * * *', now + duration('1ms'))": "time 2026-02-01T12:30:00.000Z", "cron('0 9 * * 1', '2026-02-02')": "time 2026-02-02T09:00:00.000Z", "cron('0 */6 * * *', now)": "time 2026-01-31T18:00:00.000Z", "cron('0 0 31 4 *', now)": "nil", "cron(B.text, now)": "nil", "cron('0 0 29 2 *', now)": "time 2028-02-29T00:00:00.000Z", "cron('1 2 3', now)": "!five fields", "cron('0 25 * * *', now)": "!cron", "cron('0 0 * * *', B.nope)": "nil", "cron(B.nope, now)": "nil", "cron(5, now)": "!is text"},
	"addMonths":    {"addMonths('2026-01-31', 1)": "time 2026-02-28T00:00:00.000Z", "addMonths('2026-02-28', 1, 31)": "time 2026-03-31T00:00:00.000Z", "addMonths('2026-02-28', 1)": "time 2026-03-28T00:00:00.000Z", "addMonths(now, -2, 30)": "time 2025-11-30T12:30:00.000Z", "addMonths('2023-11-30', 3, 30)": "time 2024-02-29T00:00:00.000Z", "addMonths(now, 12)": "time 2027-01-31T12:30:00.000Z", "addMonths(now, 0, 15)": "time 2026-01-15T12:30:00.000Z", "addMonths(B.nope, 1)": "nil", "addMonths(now, B.nope)": "nil", "addMonths(now, 0.5)": "!whole number", "addMonths(now, 1, 32)": "!1 to 31", "addMonths(now, 1, B.nope)": "time 2026-02-28T12:30:00.000Z", "addMonths(now, 99999)": "!whole number"},
	"addDays":      {"addDays('2026-02-28', 1)": "time 2026-03-01T00:00:00.000Z", "addDays(now, -31)": "time 2025-12-31T12:30:00.000Z", "addDays(B.nope, 1)": "nil", "addDays(now, 'x')": "!whole number", "addDays(true, 1)": "!takes a time"},
	"dayOf":        {"dayOf(now)": "'2026-01-31'", "dayOf('2026-01-31T23:30:00-03:00')": "'2026-02-01'", "dayOf(B.nope)": "nil", "dayOf(B.text)": "nil"},
	"endOfDay":     {"endOfDay(now)": "time 2026-01-31T23:59:59.999Z", "endOfDay('2026-01-15')": "time 2026-01-15T23:59:59.999Z", "endOfDay(B.nope)": "nil"},
	"monthOf":      {"monthOf(now)": "1", "monthOf('2026-12-31')": "12", "monthOf(now) == 1": "true", "monthOf(B.nope)": "nil"},
	"yearOf":       {"yearOf(now) + 1": "2027"},
	"weekday":      {"weekday(now)": "6", "weekday('2026-02-01')": "0"},
	"businessDay":  {"businessDay('2026-01-31', [])": "time 2026-02-02T00:00:00.000Z", "businessDay('2026-01-30', B.nope)": "time 2026-01-30T00:00:00.000Z", "businessDay('2025-12-25', ['12-25', '12-26'])": "time 2025-12-29T00:00:00.000Z", "businessDay('2026-02-16', ['easter-48', 'easter-47'])": "time 2026-02-18T00:00:00.000Z", "businessDay('2026-04-03', ['easter-2'])": "time 2026-04-06T00:00:00.000Z", "businessDay('2026-06-04', ['easter+60'])": "time 2026-06-05T00:00:00.000Z", "businessDay('2026-04-03', ['easter'])": "time 2026-04-03T00:00:00.000Z", "businessDay('2026-11-20', ['2025-11-20'])": "time 2026-11-20T00:00:00.000Z", "businessDay('2026-11-20', ['2026-11-20'])": "time 2026-11-23T00:00:00.000Z", "businessDay(now, ['13-01'])": "!a holiday is", "businessDay(now, ['easter2'])": "!a holiday is", "businessDay(now, [1])": "!a holiday is", "businessDay(B.nope, [])": "nil", "businessDay(now + duration('6h'), [])": "time 2026-02-02T18:30:00.000Z"},
	"shares":       {"shares(100, 3)": "[34,33,33]", "shares(0, 2)": "[0,0]", "shares(-5, 3)": "[-1,-2,-2]", "shares(2, 3)": "[1,1,0]", "sum(shares(1001, 7))": "1001", "shares(10.0, 1)": "[10]", "shares(1.5, 2)": "!whole number", "shares(1, 0)": "!whole number", "shares('x', 2)": "!takes a number", "shares(B.nope, 2)": "nil"},
	"deepMerge":    {"deepMerge({a: {b: 1, c: 2}, d: [1]}, {a: {b: 3}, d: [2], e: 1})": `{"a":{"b":3,"c":2},"d":[2],"e":1}`, "deepMerge({a: {b: 1}}, {a: nil})": `{"a":null}`, "deepMerge({a: {b: 1}}, {a: 2})": `{"a":2}`, "deepMerge({a: 1}, {a: {b: 2}})": `{"a":{"b":2}}`, "deepMerge(B.nope, {a: 1})": `{"a":1}`, "deepMerge({a: 1}, B.nope)": `{"a":1}`, "deepMerge([1], {})": "!object is needed", "[deepMerge(B.object, {c: {d: 1}}).c.d, B.object.c.d]": `[1,"deep"]`},
	"snake":        {"snake({productGroupId: {unitCents: 1}, list: [{aB: 1}], HTMLBody: 2, line1: 3, x_y: 4, externalID: 5})": `{"external_id":5,"html_body":2,"line1":3,"list":[{"a_b":1}],"product_group_id":{"unit_cents":1},"x_y":4}`, "snake({unitCents: 1, unit_cents: 2})": `{"unit_cents":2}`, "snake(B.text)": "'hello'", "snake(B.nope)": "nil"},
	"camel":        {"camel({product_group_id: {unit_cents: [{a_b: 1}]}, _x_y: 2, line_1: 3, aB: 4})": `{"_xY":2,"aB":4,"line1":3,"productGroupId":{"unitCents":[{"aB":1}]}}`, "camel(B.nope)": "nil"},
	"digitsOnly":   {"digitsOnly('529.982.247-25')": "'52998224725'", "digitsOnly(B.text)": "''", "digitsOnly(B.nope)": "nil"},
	"cpf":          {"cpf('529.982.247-25')": "true", "cpf('52998224725')": "true", "cpf('52998224724')": "false", "cpf('11111111111')": "false", "cpf('5299822472')": "false", "cpf('')": "false", "cpf('5299822472x')": "false", "cpf(B.nope)": "nil", "cpf(1)": "!takes text"},
	"cnpj":         {"cnpj('11.222.333/0001-81')": "true", "cnpj('11222333000181')": "true", "cnpj('11222333000180')": "false", "cnpj('12.ABC.345/01DE-35')": "true", "cnpj('12ABC34501DE36')": "false", "cnpj('12abc34501de35')": "false", "cnpj('00000000000000')": "false", "cnpj(B.text)": "false", "cnpj(B.nope)": "nil"},
	"pdf":          {"pdf('T', ['a']) startsWith '%PDF-1.4'": "true", "trim(pdf(B.nope, B.nope)) endsWith '%%EOF'": "true", "pdf('(x)', []) contains '(\\\\(x\\\\))'": "true", "pdf('T', 1)": "!list is needed", "pdf('T', [[1]])": "!takes no"},
	"xml":          {"xml({r: {b: 1, a: ['x<&', 2.50], c: nil, d: {}, e: now, f: true}})": "'<?xml version=\"1.0\" encoding=\"UTF-8\"?><r><b>1</b><a>x&lt;&amp;</a><a>2.5</a><d></d><e>2026-01-31T12:30:00.000Z</e><f>true</f></r>'", "xml({r: B.object})[38:]": "'<r><a>1</a><c><d>deep</d></c></r>'", "xml({r: {i: map(B.list, ({z: #, a: 1}))}})[38:]": "'<r><i><z>1</z><a>1</a></i><i><z>2.5</z><a>1</a></i><i><z>3</z><a>1</a></i></r>'", "xml({r: {n: count('ramp', {status: 'CREATED'}), m: merge({b: 1}, {a: 2})}})[38:]": "'<r><n>2</n><m><a>2</a><b>1</b></m></r>'", "xml({r: 1, s: 2})": "!one member", "xml({r: [1]})": "!one root", "xml({r: {'a b': 1}})": "!name of an element", "xml(B.text)": "!one member", "xml({r: let v = {b: 1}; v.b})[38:]": "'<r>1</r>'"},
	"ulid":         {"len(ulid())": "26", "ulid() matches '^01KGA0G5A0[0-9A-HJKMNP-TV-Z]{16}$'": "true", "ulid() == ulid()": "false"},
	"card":         {"card({number: '4242424242424242', cvc: '123'}).outcome": "'approved'", "card({number: '1'})": "nil", "card(B.nope)": "nil", "card(1)": "!object is needed"},
	"samePassword": {"samePassword('x', password('x'))": "true", "samePassword('y', password('x'))": "false", "samePassword(nil, nil)": "false", "samePassword('x', 'x')": "false"},
	"cardOutcome":  {"cardOutcome('4000000000000002')": "'rejected'", "cardOutcome('4111')": "nil", "cardOutcome(B.nope)": "nil"},
	"testcard":     {"testcard('4242424242424242')": "true", "testcard('4111')": "false", "testcard(B.nope)": "false"},
	"mask":         {"mask('4242424242424242')": "'424242******4242'", "mask('4242 4242 4242 4242')": "'424242******4242'", "mask('12345678')": "'****5678'", "mask('1234')": "'****'", "mask(B.nope)": "nil"},
	"luhn":         {"luhn('4242424242424242')": "true", "luhn('4242424242424241')": "false", "luhn('0')": "false", "luhn('x')": "false", "luhn(B.nope)": "nil"},
	"mod10":        {"mod10('032180000118359719', [3, 7, 1])": "0", "mod10('12', [1])": "3", "mod10('99', [9, 9])": "2", "mod10('1x', [1])": "nil", "mod10('1', [])": "!at least one", "mod10('1', ['a'])": "!weight"},
	"crc16":        {"crc16('123456789')": "'29B1'", "crc16(B.nope)": "nil"},
	"digest":       {"digest('')": "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'", "digest(B.nope)": "nil"},
	"all":          {"all([], # > 1)": "true"}, "any": {"any([1], # == 1)": "true"}, "none": {"none([1], # == 2)": "true"}, "one": {"one([1, 1], # == 1)": "false"},
	"filter": {"filter([1, 2], # > 1)": "[2]"}, "map": {"map([1], # + 1)": "[2]"}, "findIndex": {"findIndex([5], # == 5)": "0"}, "findLast": {"findLast([1, 2], # > 0)": "2"}, "findLastIndex": {"findLastIndex([1, 1], # == 1)": "1"},
	"groupBy": {"groupBy(B.rows, .n)": `{"":[{"id":"z","k":"one"}],"1.5":[{"id":"y","k":"two","n":1.5}],"3":[{"id":"x","k":"one","n":3}]}`}, "sortBy": {"sortBy([2, 1], #)": "[1,2]"}, "reduce": {"reduce([1, 2], #acc + #, 10)": "13"},
}

func TestFunctions(t *testing.T) {
	for name, table := range functionTable {
		t.Run(name, func(t *testing.T) { checkTable(t, table) })
	}
}

func TestEveryFunctionIsDocumentedAndTested(t *testing.T) {
	docs := Functions()
	for i, d := range docs {
		if functionTable[d.Name] == nil {
			t.Errorf("%s has no test", d.Name)
		}
		if d.About == "" || strings.Contains(d.About, "\n") || !strings.HasPrefix(d.Usage, d.Name+"(") {
			t.Errorf("%+v is not documented in one line", d)
		}
		if i > 0 && docs[i-1].Name >= d.Name {
			t.Errorf("%s stands twice or out of order", d.Name)
		}
	}
	if len(docs) != len(functionTable) {
		t.Errorf("%d functions, %d in the tests", len(docs), len(functionTable))
	}
}

func TestPasswordMatches(t *testing.T) {
	v, err := eval("password('sandgate-dev-1')")
	if err != nil {
		t.Fatal(err)
	}
	stored := v.(string)
	if !PasswordMatches(stored, "sandgate-dev-1") {
		t.Error("the password does not match its own hash")
	}
	for _, c := range [][2]string{{stored, "sandgate-dev-2"}, {stored, ""}, {"", ""}, {"sandgate-dev-1", "sandgate-dev-1"}, {"pbkdf2-sha256$%$x", "x"}, {stored + "x", "sandgate-dev-1"}} {
		if PasswordMatches(c[0], c[1]) {
			t.Errorf("%q matches %q", c[1], c[0])
		}
	}
}

func TestRandomIsTheStream(t *testing.T) {
	const src = "uuid() + hex(4) + digits(4) + token(8)"
	a, err := eval(src)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := eval(src); a != b {
		t.Errorf("the same stream gave %v and %v", a, b)
	}
	env := testEnv()
	env.Random = strings.NewReader("short")
	for _, src := range []string{"uuid()", "token(9)", "password('x')"} {
		p, err := Compile(src, 1, testScope)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(env); err == nil || !strings.Contains(err.Error(), "at its end") {
			t.Errorf("%s on a short stream: %v", src, err)
		}
		if _, err := p.Run(&Env{}); err == nil || !strings.Contains(err.Error(), "no random stream") {
			t.Errorf("%s without a stream: %v", src, err)
		}
	}
}
