package register

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rapport/internal/authority"
	"rapport/internal/fault"
	"rapport/internal/flow"
	"rapport/internal/measure"
)

// A Setting is a choice of the organisation: its zone, a threshold, a limit.
type Setting struct {
	Head
	SettingFields
	// Key names the setting.
	Key string `json:"key" validate:"required" list:"filter,sort,title"`
	// Type says what the value must be: text, zone, calendar, currency, integer or number.
	Type string `json:"type"`
	// DefaultValue is the value without a choice.
	DefaultValue string `json:"default_value"`
	// Description says what the setting does.
	Description string `json:"description"`
}

// SettingFields are what is written of a setting.
type SettingFields struct {
	// Value is what was chosen, as text; null = the default.
	Value string `json:"value" validate:"max=200"`
}

// Settings are the organisation's choices.
var Settings = Define(Kind[Setting]{
	Name: "setting", Plural: "settings", Prefix: "SET", Group: "Platform",
	Doc:      "What the organisation chooses at run time: business zone, thresholds, weights, limits.",
	Platform: true, Reads: "all", Given: true, Key: "key", Sort: "key",
	Flow:   flow.Table[*Setting]{Start: "active", Ends: flow.From("active")},
	Open:   flow.From("active"),
	Unique: []string{"key"},
	Check:  checkSetting,
	May:    mayDecideLimits,
})

// mayDecideLimits keeps what decides who approves a remedy in the hands of level 7:
// the limits, and the currency in which they are reckoned.
func mayDecideLimits(actor authority.Actor, _, s *Setting) error {
	if actor.Type == authority.System || actor.Level >= authority.L7 || s.Key != "currency" && !strings.HasPrefix(s.Key, "complaint_remedy_limit_") {
		return nil
	}
	return fault.New(fault.InsufficientLevel, "The limits of remedies, and their currency, are changed by level 7.").
		With("required_level", 7).With("your_level", actor.Level.Wire()).With("because", []string{"they decide who may approve what"}).With("escalate_to", nil)
}

// DefaultSettings are the settings that there are.
func DefaultSettings() []Setting {
	return []Setting{
		{Key: "time_zone", Type: "zone", DefaultValue: "UTC", Description: "The zone in which the organisation reads dates."},
		{Key: "complaint_acknowledge_days", Type: "integer", DefaultValue: "3", Description: "In how many working days a complaint is to be acknowledged."},
		{Key: "complaint_answer_days", Type: "integer", DefaultValue: "20", Description: "For how many working days a question to a complainant is waited on before the complaint is decided on file."},
		{Key: "complaint_assess_days", Type: "integer", DefaultValue: "2", Description: "In how many working days an acknowledged complaint is to be assessed."},
		{Key: "complaint_cause_repeats", Type: "integer", DefaultValue: "3", Description: "From how many complaints with the same cause on something has to be done about it before they are closed."},
		{Key: "complaint_frontline_days", Type: "integer", DefaultValue: "5", Description: "In how many working days a complaint is to be settled at first contact."},
		{Key: "complaint_remedy_limit_4", Type: "integer", DefaultValue: "500", Description: "Up to what worth, in the organisation's currency, level 4 may give a remedy."},
		{Key: "complaint_remedy_limit_5", Type: "integer", DefaultValue: "5000", Description: "Up to what worth level 5 may give a remedy."},
		{Key: "complaint_remedy_limit_6", Type: "integer", DefaultValue: "50000", Description: "Up to what worth level 6 may give a remedy."},
		{Key: "complaint_repeat_days", Type: "integer", DefaultValue: "90", Description: "For how many days a complaint about the same counts as a repeat."},
		{Key: "complaint_respond_days", Type: "integer", DefaultValue: "20", Description: "In how many working days a complaint that is looked into is to be answered."},
		{Key: "complaint_review_routes", Type: "text", DefaultValue: "You can ask us for a review by somebody one level up, and after that turn to the body outside that we name.", Description: "What complainants are told of how to have a decision reviewed, unless the decision says it."},
		{Key: "complaint_silence_days", Type: "integer", DefaultValue: "20", Description: "After how many days without an answer to the decision a complainant counts as silent."},
		{Key: "complaint_tracking_days", Type: "integer", DefaultValue: "365", Description: "For how many days complainants can follow their complaint by its token."},
		{Key: "complaint_update_days", Type: "integer", DefaultValue: "10", Description: "After how many working days complainants are told again how far we are."},
		{Key: "contact_days_large", Type: "integer", DefaultValue: "30", Description: "How many days may pass between two contacts with a large client."},
		{Key: "contact_days_largest", Type: "integer", DefaultValue: "14", Description: "How many days may pass between two contacts with one of the largest clients."},
		{Key: "contact_days_medium", Type: "integer", DefaultValue: "60", Description: "How many days may pass between two contacts with a client of middling size."},
		{Key: "contact_days_none", Type: "integer", DefaultValue: "180", Description: "How many days may pass between two contacts with who is no client."},
		{Key: "contact_days_small", Type: "integer", DefaultValue: "90", Description: "How many days may pass between two contacts with a small client."},
		{Key: "corrective_action_analyse_days", Type: "integer", DefaultValue: "15", Description: "In how many working days the cause is to be found that a corrective action removes."},
		{Key: "corrective_action_approve_days", Type: "integer", DefaultValue: "5", Description: "In how many working days the plan of a corrective action is to be approved."},
		{Key: "corrective_action_plan_days", Type: "integer", DefaultValue: "10", Description: "In how many working days a corrective action is to be planned once its cause is found."},
		{Key: "corrective_action_verify_days", Type: "integer", DefaultValue: "5", Description: "In how many working days after its window the effect of a corrective action is to be measured."},
		{Key: "currency", Type: "currency", DefaultValue: "EUR", Description: "The currency, by ISO 4217, in which the organisation reckons."},
		{Key: "default_calendar", Type: "calendar", DefaultValue: DefaultCalendar, Description: "The key of the calendar by which time limits run, unless another is named."},
		{Key: "due_soon_days", Type: "integer", DefaultValue: "1", Description: "How many working days before the end of a time limit people are told."},
		{Key: "escalation_days_5", Type: "integer", DefaultValue: "3", Description: "In how many working days level 5 decides what was escalated to it, once it took the matter in hand."},
		{Key: "escalation_days_6", Type: "integer", DefaultValue: "5", Description: "In how many working days level 6 decides what was escalated to it."},
		{Key: "escalation_days_7", Type: "integer", DefaultValue: "10", Description: "In how many working days level 7 decides what was escalated to it."},
		{Key: "high_threshold", Type: "integer", DefaultValue: "4", Description: "From which score, 1 to 5, power, interest, legitimacy and urgency count as high."},
		{Key: "issue_answer_days", Type: "integer", DefaultValue: "10", Description: "In how many working days a party's answer to a proposed resolution is to be recorded."},
		{Key: "issue_close_days", Type: "integer", DefaultValue: "5", Description: "In how many working days a settled issue is to be closed."},
		{Key: "issue_definitive_share", Type: "number", DefaultValue: "0.5", Description: "What part of the time for settling an issue there is where a definitive stakeholder is concerned."},
		{Key: "issue_days_critical", Type: "integer", DefaultValue: "2", Description: "In how many working days an issue of critical severity is to be settled."},
		{Key: "issue_days_high", Type: "integer", DefaultValue: "5", Description: "In how many working days an issue of high severity is to be settled."},
		{Key: "issue_days_low", Type: "integer", DefaultValue: "20", Description: "In how many working days an issue of low severity is to be settled."},
		{Key: "issue_days_medium", Type: "integer", DefaultValue: "10", Description: "In how many working days an issue of medium severity is to be settled."},
		{Key: "issue_reopen_days", Type: "integer", DefaultValue: "90", Description: "For how many days after its closing an issue can be reopened."},
		{Key: "issue_silence_days", Type: "integer", DefaultValue: "10", Description: "After how many days without an answer, and two attempts, a party counts as silent."},
		{Key: "issue_triage_days", Type: "integer", DefaultValue: "1", Description: "In how many working days an issue is to be assessed."},
		{Key: "lesson_publish_days", Type: "integer", DefaultValue: "5", Description: "In how many working days a validated lesson is to be published."},
		{Key: "lesson_review_days", Type: "integer", DefaultValue: "365", Description: "After how many days somebody says whether a published lesson still holds."},
		{Key: "lesson_validate_days", Type: "integer", DefaultValue: "10", Description: "In how many working days a captured lesson is to be validated."},
		{Key: "priority_power_weight", Type: "number", DefaultValue: "0.6", Description: "The weight of power in a stakeholder's priority; interest has the rest."},
		{Key: "problem_diagnose_days", Type: "integer", DefaultValue: "15", Description: "In how many working days the cause of a problem is to be found."},
		{Key: "problem_watch_days", Type: "integer", DefaultValue: "60", Description: "For how many days a fixed problem is watched before it can be closed."},
		{Key: "verification_cadence_days", Type: "integer", DefaultValue: "365", Description: "After how many days a stakeholder's details should be verified again, unless it says otherwise."},
	}
}

// CadenceSetting is the setting that says how often a client of a tier is contacted.
func CadenceSetting(tier string) string { return "contact_days_" + tier }

// settingBounds are between what the values of settings must lie, where they do
// not make sense otherwise. Days have bounds of their own.
var settingBounds = map[string][2]float64{"high_threshold": {measure.LowestScore, measure.HighestScore}, "priority_power_weight": {0, 1}, "issue_definitive_share": {0.01, 1}, "complaint_cause_repeats": {1, 1000}, "complaint_remedy_limit_4": {0, 1e9}, "complaint_remedy_limit_5": {0, 1e9}, "complaint_remedy_limit_6": {0, 1e9}}

// settingSorts say in words what a setting's type takes.
var settingSorts = map[string]string{"integer": "a whole number", "number": "a number", "currency": "a currency of ISO 4217, such as EUR", "zone": "the IANA name of a zone, such as Europe/Berlin"}

// boundsOf are the bounds of a setting that is a number.
func boundsOf(key string) (bounds [2]float64, bounded bool) {
	if bounds, bounded = settingBounds[key]; !bounded && strings.Contains(key, "_days") {
		return [2]float64{1, 36500}, true
	}
	return bounds, bounded
}

func inFull(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }

// checkSetting holds a value against its setting's type.
func checkSetting(ctx context.Context, s *Setting, look flow.Look) (faults fault.Fields, err error) {
	if s.DefaultValue == "" {
		faults.At("#/key", "read_only", "key: settings come with the program; change the value of one that is there.")
		return faults, nil
	}
	if s.Value == "" {
		return nil, nil
	}
	if s.Type == "calendar" {
		there, err := Count[Calendar](ctx, look, flow.Where{"key": s.Value})
		if there == 0 {
			faults.At("#/value", "reference_not_found", "value: there is no calendar with this key.")
		}
		return faults, err
	}
	var broken error
	var number float64
	switch s.Type {
	case "currency":
		broken = rules.Var(s.Value, "iso4217")
	case "zone":
		_, broken = time.LoadLocation(s.Value)
	case "integer":
		var whole int
		whole, broken = strconv.Atoi(s.Value)
		number = float64(whole)
	case "number":
		number, broken = strconv.ParseFloat(s.Value, 64)
	}
	bounds, bounded := boundsOf(s.Key)
	switch {
	case broken != nil:
		faults.At("#/value", "invalid_format", "value: %s must be %s.", s.Key, settingSorts[s.Type])
	case bounded && !(number >= bounds[0] && number <= bounds[1]): // what is no number at all is out of every range
		faults.At("#/value", "out_of_range", "value: %s must lie between %s and %s.", s.Key, inFull(bounds[0]), inFull(bounds[1]))
	}
	return faults, nil
}
