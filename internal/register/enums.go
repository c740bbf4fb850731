package register

import "rapport/internal/authority"

// Enums are the closed lists of words, by their names, in the order in which
// people expect them.
var Enums = map[string][]string{
	"channel":    {"unknown", "in_person", "call", "video", "email", "letter", "message", "portal", "social", "event"},
	"group_kind": {"static"},
	"issue_category": {"unknown", "access", "billing", "communication", "conduct", "contract", "delivery", "environment", "information",
		"privacy", "quality", "safety", "service", "other"},
	"key_sensitivity":        {"none", "public", "internal", "confidential", "restricted"},
	"party_answer":           {"none", "accepted", "rejected", "silent"},
	"relationship_direction": {"directed", "mutual"},
	"relationship_type": {"works_for", "contact_for", "member_of", "parent_of", "reports_to", "influences", "allied_with", "opposes",
		"supplies", "regulates", "funds", "technology_function_end_user", "other"},
	"role":             {authority.Admin, authority.DataProtection},
	"sensitivity":      authority.Sensitivities,
	"severity":         {"unknown", "low", "medium", "high", "critical"},
	"sfia_version":     {"none", "sfia_6", "sfia_7", "sfia_8", "sfia_9"},
	"stakeholder_kind": {"individual", "group", "organisation"},
	"urgency":          {"unknown", "low", "medium", "high"},
}
