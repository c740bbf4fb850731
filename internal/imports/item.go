package imports

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"rapport/internal/fold"
	"rapport/internal/register"
	"rapport/internal/tabular"
)

// item is a row on its way into the register.
type item struct {
	number int
	row    tabular.Row
	body   register.Body // fields that are what they are, whatever the record was
	sent   register.Body // with what is added to lists, as the ledger was asked
	faults []Fault
	from   map[string]*column // where the value at a path came from

	keys     []key
	channels []channel
	tags     []string
	custom   map[string]jsontext.Value
	refs     []named  // cells that name records of other nouns
	groups   []string // names of groups
	parent   *named
	ref      string // the record's own, as it is written here
	id       string
	record   string // the id of the record that the row became
}

// channel is a way to reach somebody, as the wire has it.
type channel struct {
	Channel string `json:"channel"`
	Address string `json:"address"`
	column  *column
}

// key is what another system calls the record.
type key struct {
	register.ExternalID
	column *column
}

func (k key) same(x register.ExternalID) bool { return k.System == x.System && k.Key == x.Key }

// named is a cell that names another record.
type named struct {
	column *column
	cell   string
}

// trimmed is a cell without the blanks around it, of whatever kind.
func trimmed(cell string) string {
	return strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
}

func (it *item) cell(c *column) string { return cellOf(it.row, c) }

// item reads a row: each cell becomes a field's value, or something that is looked
// up first.
func (p *plan) item(row tabular.Row) *item {
	it := &item{number: row.Number, row: row, from: map[string]*column{}}
	if row.Fault != nil {
		it.fault(nil, string(row.Fault.Code), "The row cannot be read: "+row.Fault.Detail+".")
		return it
	}
	filled := map[string]bool{}
	for _, c := range p.columns {
		if cell := it.cell(c); cell != "" {
			filled[c.name] = true
			p.take(it, c, cell)
		} else if c.field != nil && it.from[c.field.Name] == nil {
			it.from[c.field.Name] = c // where what is missing would have stood
		}
	}
	for _, g := range p.given {
		if !filled[g.name] {
			p.take(it, &column{target: g.target, at: -1}, g.cell)
		}
	}
	return it
}

// take reads one cell.
func (p *plan) take(it *item, c *column, cell string) {
	switch c.kind {
	case tagsCell:
		it.tags = append(it.tags, split(cell)...)
	case externalCell:
		it.keys = append(it.keys, key{register.ExternalID{System: c.word, Key: cell}, c})
	case channelCell:
		if c.word == "web" {
			cell = withScheme(cell)
		}
		it.channels = append(it.channels, channel{c.word, cell, c})
	case customCell:
		p.takeCustom(it, c, cell)
	case refCell:
		it.refs = append(it.refs, named{c, cell})
	case groupCell:
		it.groups = append(it.groups, parts(cell, ";|\n")...)
	case parentCell:
		it.parent = &named{c, cell}
	case numberCell:
		it.ref = cell
	case idCell:
		it.id = cell
	default:
		p.takeField(it, c, cell)
	}
}

func (p *plan) takeCustom(it *item, c *column, cell string) {
	it.from[strings.ReplaceAll(c.name, ".", "/")] = c
	value, bad := p.value(c.target, cell)
	if bad != nil {
		it.fault(c, bad.Code, bad.Detail)
		return
	}
	if it.custom == nil {
		it.custom = map[string]jsontext.Value{}
	}
	it.custom[c.field.Custom.Key] = value
}

func (p *plan) takeField(it *item, c *column, cell string) {
	it.from[c.field.Name] = c
	value, bad := p.value(c.target, cell)
	if bad != nil {
		it.fault(c, bad.Code, bad.Detail)
		return
	}
	if have := it.body.Get(c.field.Name); have != nil && c.kind == listCell {
		it.body = it.body.Without(c.field.Name)
		value = joinLists(have, value)
	}
	it.body = append(it.body, register.Member{Name: c.field.Name, Raw: value})
}

func joinLists(a, b jsontext.Value) jsontext.Value {
	var x, y []string
	_, _ = json.Unmarshal(a, &x), json.Unmarshal(b, &y) // lists of ours
	raw, _ := json.Marshal(append(x, y...))
	return raw
}

// email is the row's first e-mail address as lists find it, "" if it has none.
func (it *item) emails(p *plan) (terms []string) {
	for _, ch := range it.channels {
		if ch.Channel == "email" && p.email != nil {
			terms = append(terms, p.email.Term(ch.Address))
		}
	}
	return terms
}

// title is the folded name that the row gives, "" if it gives none.
func (it *item) title(p *plan) string {
	if p.noun.TitleField == nil {
		return ""
	}
	var s string
	if raw := it.body.Get(p.noun.TitleField.Name); raw != nil && json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return fold.Fold(s)
}

// fill completes the body with what is added to lists of the record: before is
// the record as it stands, nil for a new one. What is there already is not added.
func (p *plan) fill(it *item, before register.Row) register.Body {
	body := slices.Clone(it.body)
	if len(it.tags) > 0 {
		body = p.fillTags(it, body, before)
	}
	if len(it.keys) > 0 {
		body = p.fillKeys(it, body, before)
	}
	if len(it.channels) > 0 && p.email != nil {
		body = p.fillChannels(it, body, before)
	}
	if len(it.custom) > 0 {
		body = append(body, register.Member{Name: "custom_fields", Raw: marshalled(it.custom)})
	}
	it.sent = body
	return body
}

func (p *plan) fillTags(it *item, body register.Body, before register.Row) register.Body {
	name, have, added := "tags", []string{}, []string{}
	if before != nil {
		name = "tags_add"
		_ = json.Unmarshal(before[p.noun.Field("tags").Column], &have) // our own JSON
	}
	for _, tag := range it.tags {
		same := func(h string) bool { return fold.Fold(h) == fold.Fold(tag) }
		if !slices.ContainsFunc(have, same) {
			have, added = append(have, tag), append(added, tag)
		}
	}
	if len(added) == 0 {
		return body
	}
	for _, c := range p.columns {
		if c.kind == tagsCell {
			it.from[name], it.from["tags"] = c, c
		}
	}
	return append(body, register.Member{Name: name, Raw: marshalled(added)})
}

func marshalled(v any) jsontext.Value {
	raw, _ := json.Marshal(v) // texts, lists and maps of them
	return raw
}

func (p *plan) fillKeys(it *item, body register.Body, before register.Row) register.Body {
	all := []json.RawMessage{}
	have := register.List[register.ExternalID]{}
	if before != nil {
		cell := before[p.noun.Field("external_ids").Column]
		_, _ = json.Unmarshal(cell, &all), json.Unmarshal(cell, &have) // our own JSON
	}
	added := 0
	for _, x := range it.keys {
		if slices.ContainsFunc(have, x.same) {
			continue
		}
		it.from["external_ids/"+strconv.Itoa(len(all))] = x.column
		have = append(have, x.ExternalID)
		all, added = append(all, json.RawMessage(marshalled(map[string]string{"system": x.System, "key": x.Key}))), added+1
	}
	if added == 0 {
		return body
	}
	return append(body, register.Member{Name: "external_ids", Raw: marshalled(all)})
}

func (p *plan) fillChannels(it *item, body register.Body, before register.Row) register.Body {
	all := []json.RawMessage{}
	have := []channel{}
	if before != nil {
		cell := before[p.email.Column]
		_, _ = json.Unmarshal(cell, &all), json.Unmarshal(cell, &have) // our own JSON
	}
	added := 0
	for _, ch := range it.channels {
		same := func(h channel) bool { return h.Channel == ch.Channel && sameAddress(ch.Channel, h.Address, ch.Address) }
		if slices.ContainsFunc(have, same) {
			continue
		}
		it.from["channels/"+strconv.Itoa(len(all))] = ch.column
		have = append(have, ch)
		all, added = append(all, json.RawMessage(marshalled(ch))), added+1
	}
	if added == 0 {
		return body
	}
	return append(body, register.Member{Name: "channels", Raw: marshalled(all)})
}

// sameAddress compares addresses as people do: case does not matter, nor does what
// stands between the digits of a number.
func sameAddress(channel, a, b string) bool {
	a, b = fold.Fold(a), fold.Fold(b)
	if channel == "phone" {
		a, b = digits(a), digits(b)
	}
	return a == b
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ()-./", r) {
			return -1
		}
		return r
	}, s)
}
