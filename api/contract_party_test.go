package api_test

import (
	"testing"

	"rapport/internal/register"
	"rapport/internal/testkit"
	"rapport/seeds"
)

// What somebody may not change they do not remove either, nor bring back: of every
// noun, a record that another entered.
func TestContractRemovalKeepsToWhoMayChange(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			sample, _, _ := seeds.SampleOf(n.Name)
			if sample.Create == nil || n.Field("tags") == nil {
				t.Skip("clients enter none, or not like others")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			l7 := h.As("l7")
			path := "/" + n.Path + "/" + l7.Post("/"+n.Path+"?allow_duplicate=true", h.Body(n)).Want(201).ID()
			for _, handle := range []string{"none", "l4", "l5", "l6"} {
				other := h.As(handle)
				if got := other.Patch(path, fields{"tags": []string{handle}}); got.Status != 403 && got.Status != 404 {
					continue
				}
				if got := other.Delete(path); got.Status != 403 && got.Status != 404 {
					t.Errorf("%s may not change %s and removes it: %d %s", handle, n.Name, got.Status, got.Body)
				}
			}
			if l7.Delete(path).Status != 204 {
				return // others refer to it
			}
			for _, handle := range []string{"none", "l4"} {
				if got := h.As(handle).Post(path+"/restore", nil); got.Status != 403 && got.Status != 404 && got.Status != 410 {
					t.Errorf("%s brings %s back: %d %s", handle, n.Name, got.Status, got.Body)
				}
			}
		})
	}
}

// A link leads to a page: no record of any noun keeps an address that runs something.
func TestContractAddressesArePages(t *testing.T) {
	for _, n := range register.All() {
		t.Run(n.Name, func(t *testing.T) {
			sample, _, _ := seeds.SampleOf(n.Name)
			if sample.Create == nil || n.Field("external_ids") == nil {
				t.Skip("it has no external ids")
			}
			t.Parallel()
			h := testkit.Open(t).Contract()
			body := h.Body(n)
			body["external_ids"] = []fields{{"system": "crm", "key": "A-1", "url": "javascript:alert(1)"}}
			h.As("l7").Post("/"+n.Path+"?allow_duplicate=true", body).Want(422).Fault("#/external_ids/0/url", "invalid_format")
		})
	}
}
