package api_test

import (
	"strings"
	"testing"

	"rapport/internal/testkit"
)

// What is wrong inside a list is told with its place, in words: nobody has to read
// pointers. The pointers are told beside it.
func TestFaultsNameThePlace(t *testing.T) {
	h := testkit.Open(t)
	for _, c := range []struct{ path, body, pointer, code, detail string }{
		{"/stakeholders", `{"tags":[""]}`, "#/tags/0", "required", "tags[0] is required."},
		{"/stakeholders", `{"tags":["a",7]}`, "#/tags/1", "invalid_type", "tags[1] takes text."},
		{"/stakeholders", `{"tags":[null]}`, "#/tags/0", "invalid_type", "tags[0] takes a value."},
		{"/stakeholders", `{"tags":["` + strings.Repeat("x", 65) + `"]}`, "#/tags/0", "too_long", "tags[0] has at most 64 characters."},
		{"/stakeholders", `{"tags":["a\u0000"]}`, "#/tags/0", "invalid_format", "tags[0] holds a control character at position 1."},
		{"/stakeholders", `{"channels":[{"channel":"email"}]}`, "#/channels/0/address", "required", "channels[0].address is required."},
		{"/stakeholders", `{"channels":[{"channel":"email","address":"x","lawful_basis":"whim"}]}`, "#/channels/0/lawful_basis", "not_in_enum", "channels[0].lawful_basis must be one of "},
		{"/stakeholders", `{"channels":[{"channel":"email","address":"x"}]}`, "#/channels/0/address", "invalid_format", "channels[0].address is no e-mail address such as ana@example.org."},
		{"/stakeholders", `{"channels":[{"channel":"email","addrss":"a@b.example"}]}`, "#/channels/0/addrss", "unknown_field", "Unknown field channels[0].addrss. Did you mean address?"},
		{"/stakeholders", `{"channels":[{"channel":"email","address":"a@b.example","consent_on":"soon"}]}`, "#/channels/0/consent_on", "invalid_format", "channels[0].consent_on must be a date such as "},
		{"/stakeholders", `{"channels":["call"]}`, "#/channels/0", "invalid_type", "channels[0] takes an object."},
		{"/stakeholders", `{"external_ids":[{"system":"crm","key":"1","url":"nowhere"}]}`, "#/external_ids/0/url", "invalid_format", "external_ids[0].url is no address of a page such as https://example.org/about."},
		{"/stakeholders", `{"access_user_ids":["USR-9999"]}`, "#/access_user_ids/0", "reference_not_found", "access_user_ids[0]: there is no such user."},
		{"/interactions", `{"stakeholder_ids":["STK-9999"]}`, "#/stakeholder_ids/0", "reference_not_found", "stakeholder_ids[0]: there is no such stakeholder."},
		{"/escalation-ladders", `{"key":"k","name":"N","rungs":[{"level":3,"name":"A"}]}`, "#/rungs/0/level", "out_of_range", "rungs[0].level must be at least 4."},
		{"/escalation-ladders", `{"key":"k","name":"N","rungs":[]}`, "#/rungs", "required", "rungs takes at least 1 item."},
		{"/assessments", `{"power":9}`, "#/power", "out_of_range", "power must be at most 5."},
	} {
		r := h.As("l7").Post(c.path, c.body).Code(422, "validation-failed").Fault(c.pointer, c.code)
		if !strings.Contains(string(r.Body), `"detail":"`+c.detail) {
			t.Errorf("%s: it is not told that %q\n%s", c.body, c.detail, r.Body)
		}
	}
}
