package imports_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"

	"rapport/internal/testkit"
)

// The files of the congress-legislators project, as far as they matter here.
type (
	legislator struct {
		ID   struct{ Bioguide string }
		Name struct {
			Official string `json:"official_full"`
		}
		Terms []struct{ Type, State, Party, URL, Address, Phone string }
	}
	committee struct {
		Name   string
		Thomas string `json:"thomas_id"`
	}
	seat struct{ Bioguide string }
)

// row is a line of the file that is handed in: what somebody would write who has
// such data and reads the documentation.
type row struct {
	ExternalID  string   `json:"external_id"`
	Name        string   `json:"name"`
	Kind        string   `json:"kind"`
	LawfulBasis string   `json:"lawful_basis"`
	Country     string   `json:"country"`
	Website     string   `json:"website,omitempty"`
	Phone       string   `json:"phone,omitempty"`
	Address     string   `json:"postal_address,omitempty"`
	Tags        []string `json:"tags"`
	Group       struct {
		Name []string `json:"name"`
	} `json:"group"`
}

// congress turns the three files of a folder into NDJSON: one line for each
// legislator, with the committees as groups.
func congress(t testing.TB, dir string) string {
	t.Helper()
	var people []legislator
	var committees []committee
	var seats map[string][]seat
	for name, into := range map[string]any{"legislators-current.yaml": &people, "committees-current.yaml": &committees, "committee-membership-current.yaml": &seats} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := yaml.Unmarshal(raw, into, yaml.DecodeOpts{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	groups := map[string][]string{}
	for _, c := range committees {
		for _, s := range seats[c.Thomas] {
			groups[s.Bioguide] = append(groups[s.Bioguide], c.Name)
		}
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for _, p := range people {
		term := p.Terms[len(p.Terms)-1]
		r := row{
			ExternalID: p.ID.Bioguide, Name: p.Name.Official, Kind: "individual", LawfulBasis: "public_task", Country: "US", Website: term.URL,
			Phone: term.Phone, Address: term.Address, Tags: []string{term.Party, term.State, term.Type},
		}
		r.Group.Name = groups[p.ID.Bioguide]
		if err := lines.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// Legislators come in with their committees as groups, once.
func TestCongress(t *testing.T) {
	h := testkit.Open(t)
	file := congress(t, "testdata/congress")
	n := strings.Count(file, "\n")
	for range 2 {
		c := h.As("l4").With("Content-Type", "application/x-ndjson")
		id := c.Post("/imports?collection=stakeholders&mode=commit&match=external_id&external_system=bioguide&create_missing=groups,tags", file).Want(202).ID()
		h.RunJobs()
		if im := h.As("l4").Get("/imports/" + id).Want(200); im.Text("report.invalid") != "0" || im.Text("state") != "committed" {
			t.Fatalf("not all came in: %s %s", im.Body, h.As("l4").Get("/imports/"+id+"/errors").Body)
		}
	}
	groups := h.As("l4").Get("/groups?include_total=true").Want(200)
	members := h.As("l4").Get("/memberships?include_total=true&limit=200").Want(200)
	people := h.As("l4").Get("/stakeholders?include_total=true&kind=individual").Want(200)
	if groups.Text("page.total") != "4" || members.Text("page.total") != "16" || people.Len("data") != n {
		t.Errorf("want 4 groups, 16 memberships and %d people, got %s, %s and %d", n, groups.Text("page.total"), members.Text("page.total"), people.Len("data"))
	}
}
