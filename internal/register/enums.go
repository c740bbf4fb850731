package register

import (
	"rapport/internal/authority"
	"rapport/internal/measure"
)

// Enums are the closed lists of words, by their names, in the order in which
// people expect them.
var Enums = map[string][]string{
	"artefact_kind":      {"unknown", "plan", "template", "policy", "approach", "offering", "procedure", "training", "other"},
	"basis":              {"affects", "affected", "perceives_affected"},
	"basis_subject":      {"decision", "activity", "outcome", "product", "service", "change"},
	"cause_category":     {"unknown", "communication", "design", "equipment", "information", "logistics", "people", "planning", "process", "supplier", "outside", "other"},
	"cause_method":       {"none", "five_whys", "fishbone", "fault_tree", "change_analysis", "other"},
	"channel":            {"unknown", "in_person", "call", "video", "email", "letter", "message", "portal", "social", "event"},
	"client_tier":        {"none", "small", "medium", "large", "largest"},
	"comment_visibility": {"internal", "shared"},
	"comparison":         {"unknown", "at_most", "below", "equal", "above", "at_least"},
	"complaint_priority": {"unknown", "low", "normal", "high", "urgent"},
	"complaint_route":    {"unknown", "frontline", "investigation"},
	"conflict_check":     {"unchecked", "none", "declared"},
	"consent":            {"unknown", "granted", "refused", "withdrawn"},
	"contact_channel":    {"email", "phone", "message", "post", "web", "social", "in_person", "other"},
	"criterion":          {"severity", "safety", "complexity", "impact", "immediate_action"},
	"custom_field_type":  {"text", "number", "boolean", "date", "datetime", "enum", "multi_enum", "url", "reference"},
	"direction":          {"unknown", "inbound", "outbound", "mutual"},
	"engagement":         {"none", measure.Unaware, measure.Resistant, measure.Neutral, measure.Supportive, measure.Leading},
	"escalated":          {"complaint", "issue"},
	"escalation_cause":   {"beyond_authority", "breach", "conflict", "request", "review"},
	"formality":          {"unknown", "formal", "informal"},
	"group_kind":         {"static", "rule"},
	"identified_via":     {"unknown", "interview", "referral", "ticket", "document", "register", "import", "other"},
	"issue_category": {
		"unknown", "access", "billing", "communication", "conduct", "contract", "delivery", "environment", "information",
		"privacy", "quality", "safety", "service", "other",
	},
	"key_sensitivity":        {"none", "public", "internal", "confidential", "restricted"},
	"lawful_basis":           {"none", "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"},
	"lesson_audience":        {"none", "team", "organisation", "partners", "public"},
	"lesson_kind":            {"positive", "negative"},
	"party_answer":           {"none", "accepted", "rejected", "silent"},
	"quadrant":               {measure.Unknown, measure.ManageClosely, measure.KeepSatisfied, measure.KeepInformed, measure.Monitor},
	"relationship_direction": {"directed", "mutual"},
	"relationship_type": {
		"works_for", "contact_for", "member_of", "parent_of", "reports_to", "influences", "allied_with", "opposes",
		"supplies", "regulates", "funds", "technology_function_end_user", "other",
	},
	"remedy":           {"correct", "replace", "refund", "explain", "apologise", "other"},
	"role":             {authority.Admin, authority.DataProtection},
	"salience_class":   {measure.Unknown, measure.NonStakeholder, measure.Dormant, measure.Discretionary, measure.Demanding, measure.Dominant, measure.Dangerous, measure.Dependent, measure.Definitive},
	"seniority":        {measure.Operational, measure.Senior, measure.MostSenior},
	"sensitivity":      authority.Sensitivities,
	"sentiment":        {"unknown", "very_negative", "negative", "neutral", "positive", "very_positive"},
	"severity":         {"unknown", "low", "medium", "high", "critical"},
	"sfia_version":     {"none", "sfia_6", "sfia_7", "sfia_8", "sfia_9"},
	"stakeholder_kind": {"individual", "group", "organisation"},
	"stakeholder_role": {"customer", "supplier", "partner", "regulator", "employee", "community", "media", "owner", "investor", "government", "association", "union", "academia", "competitor", "user", "other"},
	"stakeholder_side": {"internal", "external"},
	"timeliness":       {"unknown", "in_time", "late"},
	"upheld":           {"unknown", "upheld", "partly", "not_upheld"},
	"urgency":          {"unknown", "low", "medium", "high"},
	"view_audience":    {"me", "team", "all"},
	"weekday":          {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
}
