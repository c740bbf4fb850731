package testkit

import (
	"encoding/json"
	"strings"

	"rapport/internal/register"
)

// spoken holds the texts of faults against what a person needs of them: sentences,
// and of what is wrong inside a list the place. Of the nodes of a filter, and of one
// of many operations, the pointer tells the place.
func (c *Client) spoken(r *Reply) {
	c.T.Helper()
	if r.Status != 422 {
		return
	}
	var p struct {
		Errors []struct{ Pointer, Code, Detail string }
	}
	_ = json.Unmarshal(r.Body, &p)
	for _, e := range p.Errors {
		name := register.Spoken(e.Pointer)
		nested := strings.HasPrefix(e.Pointer, "#/filter") || strings.HasPrefix(e.Pointer, "#/rule") || strings.HasPrefix(e.Pointer, "#/operations/")
		if strings.Contains(name, "[") && !nested && !strings.Contains(e.Detail, name) || !strings.HasSuffix(e.Detail, ".") && !strings.HasSuffix(e.Detail, "?") {
			c.T.Errorf("%s: the fault %s at %s does not name %s in a sentence: %q", r.asked, e.Code, e.Pointer, name, e.Detail)
		}
	}
}
