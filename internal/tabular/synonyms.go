package tabular

import (
	"slices"
	"strings"
)

// synonyms are the words that people head a column with, in English, German,
// French and Spanish, and the commonest ones in Italian, Dutch, Portuguese and
// Swedish. Case, accents and punctuation do not matter.
var synonyms = map[string][]string{
	"name": {
		"name", "full name", "display name", "title",
		"vollständiger Name", "Anzeigename", "Bezeichnung", "Titel",
		"nom", "nom complet", "intitulé",
		"nombre", "nombre completo", "título",
		"nome", "nome completo", "naam", "volledige naam", "namn", "fullständigt namn",
	},
	// Who is to be called at an organisation: a name only where nothing else is.
	"contact_person": {
		"contact person", "contact name", "contact", "person", "main contact", "primary contact",
		"Ansprechpartner", "Ansprechpartnerin", "Ansprechperson", "Kontaktperson", "Kontakt",
		"interlocuteur", "personne de contact", "contact principal",
		"contacto", "persona de contacto",
		"contatto", "referente", "persona di contatto", "contactpersoon", "contato", "pessoa de contato", "kontakt",
	},
	"email": {
		"email", "e-mail", "mail", "email address", "e-mail address", "mail address", "primary email", "email 1", "contact email",
		"E-Mail-Adresse", "Mailadresse", "Emailadresse", "E-Mail 1",
		"courriel", "adresse e-mail", "adresse mail", "adresse électronique", "mél",
		"correo", "correo electrónico", "dirección de correo",
		"posta elettronica", "indirizzo e-mail", "e-mailadres", "correio eletrónico", "correio eletrônico", "e-postadress", "e-post", "epost",
	},
	"phone": {
		"phone", "telephone", "phone number", "telephone number", "tel", "mobile", "mobile phone", "cell", "cell phone",
		"business phone", "work phone", "primary phone", "phone 1",
		"Telefon", "Telefonnummer", "Rufnummer", "Fon", "Handy", "Mobil", "Mobiltelefon", "Tel.-Nr.", "Telefon geschäftlich",
		"téléphone", "numéro de téléphone", "portable", "tél",
		"teléfono", "número de teléfono", "móvil", "celular",
		"telefono", "cellulare", "numero di telefono", "telefoon", "telefoonnummer", "telefone", "telemóvel", "mobiltelefon",
	},
	"website": {
		"website", "web site", "url", "web", "homepage", "home page", "link", "web address", "internet",
		"Webseite", "Internetseite", "Internetadresse", "Webadresse", "Netzseite",
		"site web", "site internet", "site", "page web", "lien",
		"sitio web", "página web", "página", "enlace",
		"sito web", "sito", "webadres", "sítio web", "webbplats", "hemsida",
	},
	"address": {
		"address", "postal address", "street address", "street", "mailing address", "address line 1", "billing street",
		"Adresse", "Anschrift", "Postanschrift", "Straße", "Straße und Hausnummer",
		"adresse postale", "rue",
		"dirección", "dirección postal", "domicilio", "calle",
		"indirizzo", "via", "adres", "postadres", "endereço", "morada", "adress", "postadress",
	},
	"organisation": {
		"organisation", "organization", "company", "company name", "organisation name", "organization name", "employer",
		"business", "account", "account name", "institution", "agency", "group",
		"Firma", "Firmenname", "Unternehmen", "Institution", "Einrichtung", "Betrieb", "Arbeitgeber", "Behörde", "Gruppe",
		"société", "entreprise", "organisme", "raison sociale", "employeur", "groupe",
		"empresa", "organización", "compañía", "razón social", "institución", "grupo",
		"azienda", "società", "ditta", "ente", "bedrijf", "bedrijfsnaam", "organisatie", "instelling", "werkgever", "organização", "instituição", "företag", "företagsnamn", "myndighet",
	},
	"job_title": {
		"job title", "job", "position", "role", "function", "occupation", "title at work",
		"Funktion", "Position", "Rolle", "Beruf", "Berufsbezeichnung", "Stellung", "Amt",
		"fonction", "poste", "métier", "profession", "intitulé du poste",
		"cargo", "puesto", "función", "profesión", "ocupación",
		"qualifica", "mansione", "ruolo", "functie", "beroep", "função", "profissão", "befattning", "roll", "yrke",
	},
	"notes": {
		"notes", "note", "description", "comment", "comments", "remark", "remarks", "details", "summary", "abstract", "text",
		"Notiz", "Notizen", "Bemerkung", "Bemerkungen", "Beschreibung", "Anmerkung", "Anmerkungen", "Kommentar",
		"remarque", "remarques", "commentaire", "commentaires", "observations",
		"notas", "nota", "descripción", "comentario", "comentarios", "observaciones",
		"osservazioni", "descrizione", "opmerking", "opmerkingen", "omschrijving", "toelichting", "observações", "descrição", "anteckning", "anteckningar", "beskrivning", "kommentar",
	},
	"tags": {
		"tags", "tag", "categories", "category", "labels", "label", "keywords", "keyword", "classification",
		"Kategorie", "Kategorien", "Schlagwort", "Schlagwörter", "Stichwort", "Stichwörter", "Etiketten",
		"étiquettes", "étiquette", "catégorie", "catégories", "mots-clés",
		"etiquetas", "etiqueta", "categoría", "categorías", "palabras clave",
	},
	"external_id": {
		"external id", "id", "identifier", "key", "unique key", "record id", "reference", "number", "no",
		"externe ID", "Kennung", "Schlüssel", "Nummer", "Nr.", "Kundennummer", "Aktenzeichen",
		"identifiant", "référence", "numéro", "clé", "id externe",
		"identificador", "referencia", "número", "clave", "id externo",
	},
	"parent": {
		"parent", "parent id", "parent name", "belongs to", "parent organisation", "parent organization", "parent account",
		"übergeordnet", "gehört zu", "Mutter", "Muttergesellschaft", "Träger", "übergeordnete Einheit",
		"parente", "rattaché à", "société mère", "rattachement",
		"padre", "pertenece a", "matriz", "superior",
	},
	"country": {
		"country", "country code", "nation", "country/region", "jurisdiction code",
		"Land", "Staat", "Länderkürzel", "Ländercode",
		"pays", "code pays",
		"país", "código de país",
		"paese", "land", "landcode",
	},
	"language": {
		"language", "preferred language", "locale", "lang",
		"Sprache", "Korrespondenzsprache", "Anschreibesprache",
		"langue", "langue préférée",
		"idioma", "lengua", "idioma preferido",
		"lingua", "taal", "språk",
	},
	"state": {
		"state", "status", "stage", "phase",
		"Zustand", "Stand", "Bearbeitungsstand",
		"état", "statut", "étape",
		"estado", "situación", "etapa", "estatus",
	},
	"created": {
		"created", "created at", "created on", "created date", "creation date", "date created", "date added", "date received",
		"angelegt", "angelegt am", "erstellt", "erstellt am", "Erstelldatum", "Erstellungsdatum", "Eingangsdatum", "Anlagedatum",
		"créé", "créé le", "date de création",
		"creado", "creado el", "fecha de creación", "fecha de alta",
	},
}

// Synonyms returns the usual header words of a concept, among them its own
// name, or nil for one that is not known. Concepts lists them all.
func Synonyms(concept string) []string { return slices.Clone(synonyms[concept]) }

// Concepts returns the concepts that Synonyms knows, in order.
func Concepts() []string {
	all := make([]string, 0, len(synonyms))
	for concept := range synonyms {
		all = append(all, concept)
	}
	slices.Sort(all)
	return all
}

// knownWords are all synonyms, folded.
var knownWords = func() map[string]bool {
	known := map[string]bool{}
	for _, words := range synonyms {
		for _, word := range words {
			for _, way := range folds(word) {
				known[way] = true
			}
		}
	}
	return known
}()

// knownWord says that a cell can only be a header: it is a usual one, or one
// of ours.
func knownWord(cell string) bool {
	return cell == ErrorColumn || strings.HasPrefix(cell, "column ") || knownWords[folded(cell)]
}
