package api

import (
	"net/url"
	"slices"
	"strings"

	"rapport/internal/fault"
	"rapport/internal/register"
)

// readFields reads which members of a record are asked for: nil without fields, or
// with none.
func readFields(n *register.Noun, customs *register.Customs, params url.Values) (only register.Only, wrong fault.Fields) {
	asked := splitNames(strings.Join(params["fields"], ","))
	if len(asked) == 0 {
		return nil, nil
	}
	only = register.Only{}
	known := slices.Concat(n.Parts(), customs.Paths(n))
	for _, name := range asked {
		if !slices.Contains(known, name) {
			wrong.Add(notAmong("fields", name, known))
			continue
		}
		only.Add(name)
	}
	return only, wrong
}

// partly is the tag of a representation that is not the whole record: good for
// caching only.
func partly(version int, body []byte) string {
	return `W/"` + strings.Trim(etag(version), `"`) + "-" + strings.TrimPrefix(weak(body), `W/"`)
}
