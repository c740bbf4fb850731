package register

import "rapport/internal/authority"

// Enums are the closed lists of words, by their names, in the order in which
// people expect them.
var Enums = map[string][]string{
	"key_sensitivity":  {"none", "public", "internal", "confidential", "restricted"},
	"role":             {authority.Admin, authority.DataProtection},
	"sensitivity":      authority.Sensitivities,
	"sfia_version":     {"none", "sfia_6", "sfia_7", "sfia_8", "sfia_9"},
	"stakeholder_kind": {"individual", "group", "organisation"},
}
