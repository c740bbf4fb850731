package testkit

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"rapport/internal/authority"
	"rapport/internal/ledger"
	"rapport/internal/register"
	"rapport/seeds"
)

// Body is a body that enters a fresh record of n: its sample, with records made
// for the references it needs, and with what must be unique made so.
func (h *House) Body(n *register.Noun) map[string]any {
	h.T.Helper()
	sample, there, err := seeds.SampleOf(n.Name)
	if err != nil || !there || sample.Create == nil {
		h.T.Fatalf("there is no sample of %s: %v", n.Name, err)
	}
	h.made++
	body := maps.Clone(sample.Create)
	body["duplicate_reason"] = "it is a sample"
	for member, nouns := range sample.Needs {
		ids := h.several(nouns)
		if body[member] = ids[0]; n.Field(member) != nil && n.Field(member).Many {
			body[member] = ids
		}
	}
	for _, set := range n.Unique {
		name, _, _ := strings.Cut(set, ",") // where one of them is unlike, the set is
		if text, ok := body[name].(string); ok && n.Field(name).Shape == register.Text {
			body[name] = fmt.Sprintf("%sx%d", text, h.made)
		}
	}
	return body
}

// several are the ids of fresh records, one for each of the nouns that a sample needs.
func (h *House) several(nouns string) (ids []any) {
	h.T.Helper()
	for noun := range strings.SplitSeq(nouns, ",") {
		ids = append(ids, h.Some(noun))
	}
	return ids
}

// Some is the id of a fresh record of a noun; of users, one of the cast.
func (h *House) Some(noun string) string {
	h.T.Helper()
	if noun == "user" {
		return h.People["l7b"]
	}
	return h.Make(register.ByName(noun), nil).ID()
}

// Make enters a fresh record of n, by a person of level 7, with further members.
// A noun that clients do not enter answers with one that is there.
func (h *House) Make(n *register.Noun, with map[string]any) *Reply {
	h.T.Helper()
	quick := *h
	quick.Quick = true
	l7 := quick.As("l7")
	if sample, _, _ := seeds.SampleOf(n.Name); sample.Create == nil {
		first := l7.Get("/" + n.Path + "?limit=1").Want(200)
		return l7.Get("/" + n.Path + "/" + first.Text("data.0.id")).Want(200)
	}
	body := quick.Body(n)
	h.made = quick.made
	maps.Copy(body, with)
	return l7.Post("/"+n.Path+"?allow_duplicate=true", body).Want(201)
}

// Enlist enters a key of its own under a handle: for one of the cast, or for a
// machine where person is "". sensitivity is its cap, "none" for none.
func (h *House) Enlist(handle, person, sensitivity string, scopes ...string) *Client {
	h.T.Helper()
	ctx := authority.With(context.Background(), authority.Register())
	_, err := h.Ledger.Create(ctx, register.APIKeys, nil, ledger.Asked{Prime: func(rec register.Record) {
		k := rec.(*register.APIKey)
		k.Name, k.UserID, k.Prefix, k.Hash = "key of "+handle, h.People[person], "rapport_"+handle, ledger.HashKey(Key(handle))
		k.Scopes, k.Sensitivity = scopes, sensitivity
	}})
	if err != nil {
		h.T.Fatalf("enlist %s: %v", handle, err)
	}
	return h.As(handle)
}
