package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// A row is told all that is wrong with it at once: what its cells name, and what they
// say. A column is told once.
func TestImportTellsEveryFaultOfARow(t *testing.T) {
	h := testkit.Open(t)
	file := "name,kind,email,country,group.name,external_id\n" +
		"Riverside Residents,herd,river@,XX,Nobody's,R-1\n" +
		"Harbour Board,organisation,board@example.org,DE,Nobody's,R-2\n" +
		",group,fish@,DE,,R-3\n" +
		"Fishers,group,fishers@example.org,DE,,R-4\n"
	for _, mode := range []string{"mode=commit", "mode=dry_run", "mode=commit&adopt=true"} {
		handle := "l4"
		if strings.Contains(mode, "adopt") {
			handle = "l6"
		}
		im := handIn(t, h, handle, mode, file)
		told := h.As(handle).Get("/imports/" + im.ID() + "/errors").Want(200)
		got := []string{}
		for i := range told.Len("data") {
			at := fmt.Sprintf("data.%d.", i)
			got = append(got, told.Text(at+"row")+" "+told.Text(at+"column")+" "+told.Text(at+"code"))
		}
		slices.Sort(got)
		want := []string{
			"1 country invalid_format", "1 email invalid_format", "1 group.name reference_not_found", "1 kind not_in_enum",
			"2 group.name reference_not_found", "3 email invalid_format", "3 name required",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %q, want %q", mode, got, want)
		}
		if im.Text("report.invalid") != "3" {
			t.Errorf("%s: %s", mode, im.Body)
		}
	}
	if n := h.As("l4").Get("/stakeholders?include_total=true").Want(200).Text("page.total"); n != "1" {
		t.Errorf("%s stakeholders, want one", n)
	}
}

// The organisation's name is the organisation's; who is to be called there is a name
// only where nothing else is.
func TestHeadingsOfSeveralLanguages(t *testing.T) {
	h := testkit.Open(t)
	for heading, want := range map[string]map[string]string{
		"Firma;Ansprechpartner;E-Mail;Funktion":      {"Firma": "name", "Ansprechpartner": "", "E-Mail": "email"},
		"Unternehmen;Kontakt;Telefon":                {"Unternehmen": "name", "Kontakt": "", "Telefon": "phone"},
		"Name;Ansprechpartner;Firma":                 {"Name": "name", "Ansprechpartner": "", "Firma": ""},
		"Ansprechpartner;E-Mail":                     {"Ansprechpartner": "name", "E-Mail": "email"},
		"Société;Interlocuteur;Courriel;Téléphone":   {"Société": "name", "Interlocuteur": "", "Courriel": "email", "Téléphone": "phone"},
		"Empresa;Contacto;Correo electrónico":        {"Empresa": "name", "Contacto": "", "Correo electrónico": "email"},
		"Bedrijf;Contactpersoon;E-mailadres;Functie": {"Bedrijf": "name", "Contactpersoon": "", "E-mailadres": "email"},
		"Företag;Kontaktperson;E-post;Anteckningar":  {"Företag": "name", "Kontaktperson": "", "E-post": "email"},
		"Azienda;Contatto;Cellulare":                 {"Azienda": "name", "Contatto": "", "Cellulare": "phone"},
	} {
		im := handIn(t, h, "l4", "delimiter=%3B", heading+"\n"+strings.Repeat("x;", strings.Count(heading, ";"))+"x\n")
		for column, target := range want {
			if got := im.Text("mapping." + column); got != target {
				t.Errorf("%s: %s is meant for %q, want %q", heading, column, got, target)
			}
		}
	}
	im := handIn(t, h, "l4", "create_missing=groups", "Name;Firma\nAna Pop;Harbour Board\n")
	if got := im.Text("mapping.Firma"); got != "group.name" {
		t.Errorf("Firma is meant for %q", got)
	}
}
