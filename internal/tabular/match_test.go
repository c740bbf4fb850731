package tabular

import "testing"

func TestGuess(t *testing.T) {
	targets := []Target{
		{Name: "name", Label: "Name", Synonyms: Synonyms("name")},
		{Name: "email", Label: "E-mail", Synonyms: Synonyms("email")},
		{Name: "group.name", Label: "Group", Synonyms: Synonyms("organisation")},
		{Name: "phone", Label: "Phone", Synonyms: Synonyms("phone")},
		{Name: "city_size", Label: "Größe"},
		{Name: "external_id", Synonyms: Synonyms("external_id")},
		{Name: "created_at", Synonyms: Synonyms("created")},
	}
	for header, want := range map[string]string{
		"name": "name", "NAME": "name", "E-Mail": "email", "e_mail": "email", "Courriel": "email", "Correo electrónico": "email",
		"Firma": "group.name", "Group Name": "group.name", "Société": "group.name", "Organizaton": "group.name",
		"Telefonnumer": "phone", "Téléphone": "phone", "Groesse": "city_size", "GROSSE": "city_size", "External ID": "external_id", "Nr.": "external_id",
		"Created on": "created_at", "Createdat": "created_at", "creatd_at": "created_at", "created_by": "", "Created by": "", "Erstellt von": "", "Angelegt durch": "", "Creado por": "", "Créé par": "",
		"account number": "", "xyzzy": "", "colour": "", "": "", "Namibia": "", "_error": "", "🙂": "",
	} {
		if got := Guess([]string{header}, targets)[0]; got.Target != want || (got.Confidence > 0) != (want != "") {
			t.Errorf("%q: want %q, got %+v", header, want, got)
		}
	}
}

func TestATargetIsGivenOnce(t *testing.T) {
	targets := []Target{{Name: "email", Synonyms: Synonyms("email")}, {Name: "id"}, {Name: "external_id", Synonyms: Synonyms("external_id")}}
	got := Guess([]string{"Mail", "email", "ID", "Number"}, targets)
	want := []Match{{"Mail", "", 0}, {"email", "email", 1}, {"ID", "id", byFold}, {"Number", "external_id", bySynonym}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("want %+v, got %+v", want[i], got[i])
		}
	}
}

func TestEveryConceptHasItsOwnName(t *testing.T) {
	for _, concept := range Concepts() {
		got := Guess([]string{concept}, []Target{{Name: "x", Synonyms: Synonyms(concept)}})
		if got[0].Target != "x" {
			t.Errorf("%s does not name itself", concept)
		}
	}
	if Synonyms("nonsense") != nil {
		t.Error("want no synonyms of nonsense")
	}
}
